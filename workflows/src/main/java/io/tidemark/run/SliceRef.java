package io.tidemark.run;

import io.tidemark.job.JobSpec;
import io.tidemark.state.PlanIdentity;

/**
 * Which slice of which run an activity works for.
 *
 * @param job the job
 * @param runId Temporal's run id of the run's body; names the folder of staged files
 * @param identity what the plan was made against
 * @param slice number of the slice; {@code tidemark/<job>/<k>/<slice>} is its transactional id
 */
public record SliceRef(JobSpec job, String runId, PlanIdentity identity, int slice) {}
