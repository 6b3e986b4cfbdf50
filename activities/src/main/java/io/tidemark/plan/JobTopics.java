package io.tidemark.plan;

import io.tidemark.job.BadRecordSpec.Policy;
import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
import io.tidemark.kafka.client.Right;
import io.tidemark.kafka.cluster.TopicCatalog;
import io.tidemark.kafka.cluster.TopicCatalog.Topic;
import io.tidemark.run.FailureKind;
import io.tidemark.run.TidemarkException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The topics that a job writes: looked at first, created and grown only when every check of the plan is passed. */
final class JobTopics {
    private static final String RETENTION_30_DAYS = String.valueOf(30L * 24 * 3600 * 1000);

    /** Room for the list of windows of a partition that has had a new one every few minutes for years. */
    private static final String STATE_MESSAGE_BYTES = String.valueOf(8 * 1024 * 1024);

    /** For the headers of a dead letter. */
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
     * Looks at the topics.
     *
     * @param state the state topic, or null before the first run
     * @param hasRun whether the job's group says that it has run before
     */
    static JobTopics find(TopicCatalog catalog, JobSpec job, Topic input, @Nullable Topic state, boolean hasRun) {
        String outputName = job.output().topic();
        String stateName = JobNames.stateTopic(job.name());
        if (state == null && hasRun) {
            throw new TidemarkException(
                    FailureKind.STATE_LOST,
                    "group " + JobNames.group(job.name()) + " has offsets of this job, and its state topic " + stateName
                            + " does not exist: the running totals are lost. Restore the topic, or give the job a new"
                            + " name to start anew");
        }
        Topic output = catalog.find(outputName, Right.WRITE).orElse(null);
        if (output == null && state != null) {
            throw new TidemarkException(
                    FailureKind.TOPIC_MISSING,
                    "output topic " + outputName + " does not exist, and the job has written to it before; restore it,"
                            + " or give the job a new name to start anew");
        }
        if (output != null
                && output.partitions() < input.partitions()
                && !job.output().grow()) {
            throw new TidemarkException(
                    FailureKind.TOO_FEW_PARTITIONS,
                    "output topic " + outputName + " has " + output.partitions() + " partitions and input topic "
                            + input.name() + " has " + input.partitions() + "; rows go to the partition number of"
                            + " their records: give it more partitions, or write output.grow: true");
        }
        return new JobTopics(catalog, job, input, output, state);
    }

    /** What a person should know. */
    List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        if (output != null) {
            catalog.setting(output.name(), "cleanup.policy")
                    .filter(policy -> !policy.equals("compact"))
                    .ifPresent(policy -> warnings.add("output topic " + output.name() + " has cleanup.policy=" + policy
                            + ": a row that is not corrected for long may vanish; compact keeps the last of each key"));
        }
        if (state != null) {
            catalog.setting(state.name(), "cleanup.policy")
                    .filter(policy -> !policy.equals("compact"))
                    .ifPresent(policy -> warnings.add("state topic " + state.name() + " has cleanup.policy=" + policy
                            + ": progress and totals that are not touched for long will be lost, and the job with them;"
                            + " set it to compact"));
        }
        return warnings;
    }

    /** The output topic, or null before the first run. */
    @Nullable
    Topic output() {
        return output;
    }

    /** The topics that rows and progress go to. */
    record Ready(Topic output, Topic state) {}

    /** Creates what is missing, and gives each topic as many partitions as the input has. */
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
        if (job.badRecords().policy() == Policy.DEAD_LETTER) {
            String name = JobNames.deadLetterTopic(job.output().topic());
            Topic found = catalog.find(name, Right.WRITE).orElse(null);
            ready(found, name, found == null ? deadLetterSettings() : Map.of()).require(Right.WRITE);
        }
        return new Ready(readyOutput, readyState);
    }

    private Map<String, String> deadLetterSettings() {
        // What fits into the input must fit here.
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
