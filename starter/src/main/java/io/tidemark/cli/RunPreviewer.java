package io.tidemark.cli;

import io.tidemark.job.JobSpec;
import io.tidemark.run.RunPreview;
import io.tidemark.settings.KafkaSettings;
import java.time.Instant;

/** Finds out what a run would do, without an effect. It is passed in, because this module has no planner. */
@FunctionalInterface
public interface RunPreviewer {
    /**
     * Returns what a run would do if it began now.
     *
     * @param nominal the nominal time of the run
     * @param timed for how many partitions, those with the most offsets first, the times of the first and last record are read
     * @throws io.tidemark.run.TidemarkException if the job as a whole could not run
     */
    RunPreview preview(JobSpec job, KafkaSettings kafka, Instant nominal, int timed);
}
