package io.tidemark.plan;

import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
import io.tidemark.kafka.state.GroupOffsets;
import io.tidemark.plan.Planner.Survey;
import io.tidemark.run.FailureKind;
import io.tidemark.run.StateSize;
import io.tidemark.run.TidemarkException;
import io.tidemark.state.PartitionProgress;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Requires that the offsets in the job's group agree with the stored progress. */
final class GroupAgreement {
    /** After this time the offsets of a job are published again, though they are the same. */
    private static final Duration AGAIN = Duration.ofHours(1);

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
     * Returns the size of the stored totals if the group has the offsets of all partitions, published within the last hour, and
     * null otherwise. Kafka forgets the offsets of a group without members some time after they were published, by default seven
     * days, so a run without records publishes them again.
     */
    static @Nullable StateSize published(Survey survey, Instant now) {
        boolean same = survey.progress().entrySet().stream().allMatch(each -> {
            GroupOffsets.Committed committed = survey.published().get(each.getKey());
            return committed != null
                    && committed.ours()
                    && committed.offset() == each.getValue().through()
                    && committed.at().isAfter(now.minus(AGAIN));
        });
        return same && TwoStages.areInRows(survey.progress(), survey.totals())
                ? StateSize.of(survey.progress().values())
                        .plus(StateSize.of(survey.totals().values()))
                : null;
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
