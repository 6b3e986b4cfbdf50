package io.tidemark.plan;

import io.tidemark.job.BadRecordSpec.Policy;
import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
import io.tidemark.kafka.client.Right;
import io.tidemark.kafka.cluster.TopicCatalog;
import io.tidemark.kafka.cluster.TopicCatalog.Topic;
import io.tidemark.run.FailureKind;
import io.tidemark.run.TidemarkException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The topics that a job writes. {@link #find} describes and checks them; {@link #makeReady} creates and grows them
 * after all checks of the plan have passed.
 */
final class JobTopics {
    private static final String RETENTION_30_DAYS = String.valueOf(30L * 24 * 3600 * 1000);

    /**
     * A progress record lists all chunks of a partition; after years with a new window every few minutes it is this
     * large.
     */
    private static final String STATE_MESSAGE_BYTES = String.valueOf(8 * 1024 * 1024);

    /** Additional bytes for the headers of a dead letter. */
    private static final long HEADER_BYTES = 65_536;

    private final TopicCatalog catalog;
    private final JobSpec job;
    private final Topic input;
    private final @Nullable Topic output;
    private final @Nullable Topic state;

    private JobTopics(TopicCatalog catalog, JobSpec job, Topic input, @Nullable Topic output, @Nullable Topic state) {
        this.catalog = catalog;
        this.job = job;
        this.input = input;
        this.output = output;
        this.state = state;
    }

    /**
     * Describes the topics, and checks them without an effect.
     *
     * @param state the state topic, or null if it does not exist
     * @param hasRun true if the job's group has offsets of an earlier run
     */
    static JobTopics find(TopicCatalog catalog, JobSpec job, Topic input, @Nullable Topic state, boolean hasRun) {
        String outputName = job.output().topic();
        String stateName = JobNames.stateTopic(job.name());
        if (state == null && hasRun) {
            throw new TidemarkException(
                    FailureKind.STATE_LOST,
                    "group " + JobNames.group(job.name()) + " has offsets of this job, but its state topic " + stateName
                            + " does not exist: the running totals are lost. To compute them again, give the job a new"
                            + " name");
        }
        Topic output = catalog.find(outputName, Right.WRITE).orElse(null);
        if (output == null && state != null) {
            throw new TidemarkException(
                    FailureKind.TOPIC_MISSING,
                    "output topic " + outputName + " does not exist, but the job has written to it before: the rows"
                            + " are lost. To compute them again, give the job a new name");
        }
        if (output != null
                && output.partitions() < input.partitions()
                && !job.output().grow()) {
            throw new TidemarkException(
                    FailureKind.TOO_FEW_PARTITIONS,
                    "output topic " + outputName + " has " + output.partitions() + " partitions and input topic "
                            + input.name() + " has " + input.partitions() + "; rows go to the output partition with the"
                            + " number of their input partition. Add partitions to the output topic, or set"
                            + " output.grow: true in the job");
        }
        return new JobTopics(catalog, job, input, output, state);
    }

    /**
     * Returns those of {@code partitions} that have records in the output; none if the job shares its output.
     *
     * @param partitions partitions of which the job has no progress, so none of these records can be its own
     */
    Map<Integer, Long> written(Collection<Integer> partitions) {
        Topic written = output;
        if (written == null || job.output().shared()) {
            return Map.of();
        }
        List<Integer> existing =
                partitions.stream().filter(each -> each < written.partitions()).toList();
        TopicCatalog.Bounds log = catalog.bounds(written.name(), existing);
        Map<Integer, Long> ends = new TreeMap<>(log.ends());
        ends.entrySet().removeIf(each -> each.getValue() <= log.begins().getOrDefault(each.getKey(), 0L));
        return ends;
    }

    /** Returns the output topic, or null if it does not exist yet. */
    @Nullable
    Topic output() {
        return output;
    }

    /**
     * The topics after the plan has created and grown them.
     *
     * @param deadLetters null if the job writes none
     */
    record Ready(Topic output, Topic state, @Nullable Topic deadLetters) {
        List<Topic> all() {
            return deadLetters == null ? List.of(output, state) : List.of(output, state, deadLetters);
        }
    }

    /** Creates missing topics, and gives each topic as many partitions as the input has. */
    Ready makeReady() {
        Topic readyOutput = ready(output, job.output().topic(), Map.of("cleanup.policy", "compact"))
                .require(Right.WRITE);
        Topic readyState = ready(
                        state,
                        JobNames.stateTopic(job.name()),
                        Map.of(
                                "cleanup.policy",
                                "compact",
                                "min.compaction.lag.ms",
                                RETENTION_30_DAYS,
                                "max.message.bytes",
                                STATE_MESSAGE_BYTES))
                .require(Right.READ, Right.WRITE);
        if (job.badRecords().policy() != Policy.DEAD_LETTER) {
            return new Ready(readyOutput, readyState, null);
        }
        String name = JobNames.deadLetterTopic(job.output().topic());
        Topic found = catalog.find(name, Right.WRITE).orElse(null);
        Topic deadLetters = ready(found, name, found == null ? deadLetterSettings() : Map.of())
                .require(Right.WRITE);
        return new Ready(readyOutput, readyState, deadLetters);
    }

    private Map<String, String> deadLetterSettings() {
        // Every input record must fit into a dead letter.
        long bytes = catalog.setting(input.name(), "max.message.bytes")
                        .map(Long::parseLong)
                        .orElse(TopicCatalog.DEFAULT_MESSAGE_BYTES)
                + HEADER_BYTES;
        return Map.of(
                "cleanup.policy",
                "delete",
                "retention.ms",
                RETENTION_30_DAYS,
                "max.message.bytes",
                String.valueOf(bytes));
    }

    private Topic ready(@Nullable Topic found, String name, Map<String, String> settings) {
        if (found == null) {
            return catalog.create(name, input.partitions(), settings);
        }
        return found.partitions() < input.partitions() ? catalog.grow(name, input.partitions()) : found;
    }
}
