package io.tidemark.cli;

/** Ends a command with a sentence for the person who typed it; there is no stack trace to show. */
final class CliException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int exitCode;

    private CliException(int exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    /** The command was well formed and could not be done. */
    static CliException failed(String message) {
        return new CliException(ExitCode.FAILED, message);
    }

    /** What was typed, or a file that it names, makes no sense. */
    static CliException usage(String message) {
        return new CliException(ExitCode.USAGE, message);
    }

    int exitCode() {
        return exitCode;
    }
}
