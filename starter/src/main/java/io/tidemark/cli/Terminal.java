package io.tidemark.cli;

/** Whether a person looks at the output. */
final class Terminal {
    private Terminal() {}

    /**
     * Whether lines may be redrawn and coloured. The launcher knows and says so in the system property
     * {@code tidemark.terminal}; Java itself only knows of input and output together.
     */
    static boolean isInteractive() {
        String told = System.getProperty("tidemark.terminal");
        boolean terminal = told == null ? System.console() != null : Boolean.parseBoolean(told);
        return terminal && System.getenv("NO_COLOR") == null && !"dumb".equals(System.getenv("TERM"));
    }
}
