package io.tidemark.cli;

/** Ends a command with an error message. The message is enough: no stack trace is printed. */
final class CliException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int exitCode;

    private CliException(int exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    /** Returns the exception for a valid command that failed. */
    static CliException failed(String message) {
        return new CliException(ExitCode.FAILED, message);
    }

    /** Returns the exception for invalid arguments, or for an invalid file that they name. */
    static CliException usage(String message) {
        return new CliException(ExitCode.USAGE, message);
    }

    int exitCode() {
        return exitCode;
    }
}
