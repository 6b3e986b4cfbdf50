package io.tidemark.cli;

/** Ends a command with an error message. The message is enough: no stack trace is printed. */
final class CliException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final ExitCode exitCode;

    private CliException(ExitCode exitCode, String message) {
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

    /** Returns the exception for something that cannot start while something else runs. */
    static CliException busy(String message) {
        return new CliException(ExitCode.BUSY, message);
    }

    /** Returns the exception for a server that does not answer. */
    static CliException away(String message) {
        return new CliException(ExitCode.AWAY, message);
    }

    /** Returns the exception for a wait that was interrupted. */
    static CliException interrupted(String message) {
        Thread.currentThread().interrupt();
        return new CliException(ExitCode.INTERRUPTED, message);
    }

    ExitCode exitCode() {
        return exitCode;
    }
}
