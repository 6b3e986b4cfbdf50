package io.tidemark.cli;

import java.util.LinkedHashMap;
import java.util.Map;

/** The exit codes of the command line. Scripts depend on them: never change the meaning of one. */
enum ExitCode {
    DONE(0, "done"),
    FAILED(1, "the run failed, or the request was refused"),
    USAGE(2, "wrong usage, job file or settings file; nothing was started"),
    BUSY(3, "refused, because another run of the job is in progress"),
    AWAY(4, "Temporal or Kafka does not answer"),
    PARTITIONS_FAILED(5, "some partitions failed; the others are done"),
    DIFFERS(6, "schedule diff found differences"),
    /** 128 + 2, the number of SIGINT. The Java runtime returns it by itself after Ctrl-C. */
    INTERRUPTED(130, "interrupted by Ctrl-C; a run that was started continues");

    private final int code;
    private final String meaning;

    ExitCode(int code, String meaning) {
        this.code = code;
        this.meaning = meaning;
    }

    /** Returns the exit code of the process. */
    int code() {
        return code;
    }

    /** Returns the codes and their meanings, for the help. */
    static Map<String, String> meanings() {
        Map<String, String> meanings = new LinkedHashMap<>();
        for (ExitCode each : values()) {
            meanings.put(String.valueOf(each.code), each.meaning);
        }
        return meanings;
    }
}
