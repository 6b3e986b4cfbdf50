package io.tidemark.cli;

/** What the command line ends with. */
final class ExitCode {
    /** Done as asked. */
    static final int DONE = 0;

    /** The run failed, or a server could not do its part. */
    static final int FAILED = 1;

    /** Wrong usage, job file or settings: nothing was begun. */
    static final int USAGE = 2;

    private ExitCode() {}
}
