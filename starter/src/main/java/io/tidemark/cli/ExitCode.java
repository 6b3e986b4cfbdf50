package io.tidemark.cli;

/** The exit codes of the command line. */
final class ExitCode {
    /** The command did what was asked. */
    static final int DONE = 0;

    /** The run failed, or a server did not answer or refused the request. */
    static final int FAILED = 1;

    /** Wrong usage, job file or settings; nothing was started. */
    static final int USAGE = 2;

    private ExitCode() {}
}
