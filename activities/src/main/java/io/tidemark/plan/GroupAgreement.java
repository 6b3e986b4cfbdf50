package io.tidemark.plan;

import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
import io.tidemark.kafka.state.GroupOffsets;
import io.tidemark.run.FailureKind;
import io.tidemark.run.TidemarkException;
import io.tidemark.state.PartitionProgress;
import java.util.Map;

/** Requires that the offsets in the job's group agree with the stored progress. */
final class GroupAgreement {
    private GroupAgreement() {}

    /**
     * Fails if the group's offsets do not match the stored progress. An operator who resets the offsets wants records
     * to be read again, but then the totals would count them twice.
     */
    static void requirePublishedByUs(
            JobSpec job, Map<Integer, PartitionProgress> progress, Map<Integer, GroupOffsets.Committed> published) {
        published.forEach((partition, committed) -> {
            PartitionProgress stored = progress.get(partition);
            if (stored != null && committed.ours() && committed.offset() > stored.through()) {
                throw new TidemarkException(
                        FailureKind.STATE_LOST,
                        "group " + JobNames.group(job) + " says that "
                                + job.input().topic() + "[" + partition
                                + "] was read to offset " + committed.offset() + ", but the state topic says "
                                + stored.through() + ": the state topic has lost records. To compute the totals again,"
                                + " give the job a new name");
            }
            if (stored != null && !committed.ours()) {
                throw new TidemarkException(
                        FailureKind.GROUP_OFFSETS_MOVED,
                        "the offset of group " + JobNames.group(job) + " for "
                                + job.input().topic() + "["
                                + partition + "] was set to " + committed.offset()
                                + " by another client; the totals contain"
                                + " the records up to " + stored.through() + ". To read them again would count them"
                                + " twice, so nothing was read. To resume at " + stored.through() + ", delete the"
                                + " group's offsets (kafka-consumer-groups.sh --delete-offsets --group "
                                + JobNames.group(job) + " --topic "
                                + job.input().topic()
                                + ") and start the run again; to compute the totals again, give the job a new name");
            }
        });
    }

    /**
     * Fails if the group has Tidemark's offset of a partition without stored progress: the totals of that offset are
     * lost.
     */
    static void requireStateOfPublished(
            JobSpec job, Map<Integer, PartitionProgress> progress, Map<Integer, GroupOffsets.Committed> published) {
        published.forEach((partition, committed) -> {
            if (committed.ours() && !progress.containsKey(partition)) {
                throw new TidemarkException(
                        FailureKind.STATE_LOST,
                        "group " + JobNames.group(job) + " says that "
                                + job.input().topic() + "[" + partition
                                + "] was read to offset " + committed.offset() + ", but the state topic "
                                + JobNames.stateTopic(job) + " has no progress of it: the running totals are"
                                + " lost. To compute them again, give the job a new name");
            }
        });
    }
}
