package io.tidemark.run;

import io.tidemark.job.JobSpec;
import io.tidemark.state.PlanIdentity;

/**
 * The slice of a run that an activity works on.
 *
 * @param job the job
 * @param runId Temporal's run id of the body of the run; the name of the folder of staged files
 * @param identity fingerprint of the job and ids of the topics when the plan was made
 * @param slice number of the slice; its transactional id is {@code tidemark/<job>/<k>/<slice>}
 */
public record SliceRef(JobSpec job, String runId, PlanIdentity identity, int slice) {}
