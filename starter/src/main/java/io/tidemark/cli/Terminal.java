package io.tidemark.cli;

/** Whether a person looks at the output. */
final class Terminal {
    private Terminal() {}

    /**
     * Whether lines may be redrawn and coloured. The system property {@code tidemark.terminal} has the last word: Java
     * itself only knows of input and output together.
     */
    static boolean isInteractive() {
        String told = System.getProperty("tidemark.terminal");
        if (told != null) {
            return Boolean.parseBoolean(told);
        }
        return System.console() != null && System.getenv("NO_COLOR") == null && !"dumb".equals(System.getenv("TERM"));
    }
}
