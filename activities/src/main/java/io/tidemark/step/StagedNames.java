package io.tidemark.step;

import io.tidemark.job.Stage;
import io.tidemark.run.SliceRef;

/** Names of staged files. They are made of the job, the run, the slice and the split, never of a topic's name. */
final class StagedNames {
    private StagedNames() {}

    static String run(SliceRef slice) {
        return run(slice.job().name(), slice.runId());
    }

    static String run(String job, String runId) {
        return job + "/" + runId;
    }

    static String slice(SliceRef slice) {
        return (slice.job().stage() == Stage.TOTALS ? "totals-slice-" : "slice-") + slice.slice() + "-";
    }
}
