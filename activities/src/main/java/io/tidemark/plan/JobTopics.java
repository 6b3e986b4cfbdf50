package io.tidemark.plan;

import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
import io.tidemark.kafka.client.Right;
import io.tidemark.kafka.cluster.TopicCatalog;
import io.tidemark.kafka.cluster.TopicCatalog.Topic;
import io.tidemark.run.FailureKind;
import io.tidemark.run.TidemarkException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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

    private static final Map<String, String> OUTPUT_SETTINGS = Map.of("cleanup.policy", "compact");

    private static final String ONE_DAY = String.valueOf(24L * 3600 * 1000);

    /**
     * When the state topic is compacted: a record that was replaced is there for a day, so that a reader that is slow or a
     * person who investigates still finds it, and is gone soon after. The topic holds about what a few days write, whatever
     * the age of the job.
     */
    static final Map<String, String> STATE_COMPACTION = new TreeMap<>(Map.of(
            "min.compaction.lag.ms", ONE_DAY,
            "max.compaction.lag.ms", ONE_DAY,
            "segment.ms", ONE_DAY));

    private static final Map<String, String> STATE_SETTINGS = new TreeMap<>(STATE_COMPACTION);

    static {
        STATE_SETTINGS.put("cleanup.policy", "compact");
        STATE_SETTINGS.put("max.message.bytes", STATE_MESSAGE_BYTES);
    }

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
     * @param hasProgress true if the state has progress of this job; an administrator may have created the topics
     * @param hasRun true if the job's group has offsets of an earlier run
     */
    static JobTopics find(
            TopicCatalog catalog,
            JobSpec job,
            Topic input,
            @Nullable Topic state,
            boolean hasProgress,
            boolean hasRun) {
        String outputName = job.output().topic();
        String stateName = JobNames.stateTopic(job);
        if (state == null && hasRun) {
            throw new TidemarkException(
                    FailureKind.STATE_LOST,
                    "group " + JobNames.group(job) + " has offsets of this job, but its state topic " + stateName
                            + " does not exist: the running totals are lost. To compute them again, give the job a new"
                            + " name");
        }
        Topic output = catalog.find(outputName, Right.WRITE).orElse(null);
        if (output == null && (hasProgress || hasRun)) {
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
     * Returns those of {@code partitions} that have offsets in the output, which may all belong to aborted records and
     * markers, with their ends; none if the job shares its output.
     *
     * @param partitions partitions of which the job has no progress, so none of these records can be its own
     */
    Map<Integer, Long> written(Collection<Integer> partitions) {
        Topic written = output;
        Map<Integer, Long> ends = new TreeMap<>();
        if (written == null || job.output().shared()) {
            return ends;
        }
        List<Integer> existing =
                partitions.stream().filter(each -> each < written.partitions()).toList();
        if (existing.isEmpty()) {
            return ends;
        }
        TopicCatalog.Bounds log = catalog.bounds(written.name(), existing);
        ends.putAll(log.ends());
        ends.entrySet().removeIf(each -> each.getValue() <= log.begins().getOrDefault(each.getKey(), 0L));
        return ends;
    }

    /** Returns the output and the state, as far as they exist. */
    List<Topic> existing() {
        return Stream.of(output, state).flatMap(Stream::ofNullable).toList();
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
        String deadLetterName = JobNames.deadLetterTopic(job.output().topic());
        boolean writesDeadLetters = job.writesDeadLetters();
        Topic deadLetters =
                writesDeadLetters ? catalog.find(deadLetterName, Right.WRITE).orElse(null) : null;
        Map<String, Map<String, String>> missing = new LinkedHashMap<>();
        if (output == null) {
            missing.put(job.output().topic(), OUTPUT_SETTINGS);
        }
        if (state == null) {
            missing.put(JobNames.stateTopic(job), STATE_SETTINGS);
        }
        if (writesDeadLetters && deadLetters == null) {
            missing.put(deadLetterName, deadLetterSettings(HEADER_BYTES));
        }
        return new Ready(
                ready(output, job.output().topic(), missing).require(Right.WRITE),
                ready(state, JobNames.stateTopic(job), missing).require(Right.READ, Right.WRITE),
                writesDeadLetters
                        ? readyDeadLetters(deadLetters, deadLetterName, missing).require(Right.WRITE)
                        : null);
    }

    /**
     * Returns the topics as {@link #makeReady} leaves them, without creating or growing one: a missing topic has an empty id
     * and no replicas, because the brokers choose both.
     */
    Ready expected() {
        String deadLetters = JobNames.deadLetterTopic(job.output().topic());
        return new Ready(
                expected(output, job.output().topic()),
                expected(state, JobNames.stateTopic(job)),
                job.writesDeadLetters()
                        ? expected(catalog.find(deadLetters, Right.WRITE).orElse(null), deadLetters)
                        : null);
    }

    private Topic expected(@Nullable Topic found, String name) {
        return found != null ? found : new Topic(name, "", input.partitions(), 0, Set.of(Right.values()));
    }

    private Topic ready(@Nullable Topic found, String name, Map<String, Map<String, String>> missing) {
        if (found != null) {
            return found.partitions() < input.partitions() ? catalog.grow(name, input.partitions()) : found;
        }
        try {
            return catalog.create(name, input.partitions(), missing.getOrDefault(name, Map.of()));
        } catch (TidemarkException e) {
            throw withCommands(e, missing);
        }
    }

    /** A provider may limit max.message.bytes to a value that leaves no room for the headers. */
    private Topic readyDeadLetters(@Nullable Topic found, String name, Map<String, Map<String, String>> missing) {
        try {
            return ready(found, name, missing);
        } catch (TidemarkException refused) {
            if (found != null || refused.kind() != FailureKind.REFUSED_BY_KAFKA) {
                throw refused;
            }
            try {
                return catalog.create(name, input.partitions(), deadLetterSettings(0));
            } catch (TidemarkException again) {
                refused.addSuppressed(again);
                throw refused;
            }
        }
    }

    private Map<String, String> deadLetterSettings(long headerBytes) {
        // Every input record must fit into a dead letter.
        long bytes = catalog.setting(input.name(), "max.message.bytes")
                        .map(Long::parseLong)
                        .orElse(TopicCatalog.DEFAULT_MESSAGE_BYTES)
                + headerBytes;
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("cleanup.policy", "delete");
        settings.put("retention.ms", RETENTION_30_DAYS);
        settings.put("max.message.bytes", String.valueOf(bytes));
        return settings;
    }

    /** Returns the failure with the commands that create the topics, if somebody else has to create them. */
    private TidemarkException withCommands(TidemarkException failure, Map<String, Map<String, String>> missing) {
        if (failure.kind() != FailureKind.NOT_AUTHORIZED && failure.kind() != FailureKind.REFUSED_BY_KAFKA) {
            return failure;
        }
        String commands = missing.entrySet().stream()
                .map(each -> "kafka-topics.sh --bootstrap-server " + catalog.bootstrapServers()
                        + " --create --if-not-exists --topic " + each.getKey() + " --partitions " + input.partitions()
                        + each.getValue().entrySet().stream()
                                .map(setting -> " --config " + setting.getKey() + "=" + setting.getValue())
                                .collect(Collectors.joining()))
                .collect(Collectors.joining("; "));
        return new TidemarkException(
                failure.kind(),
                failure.getMessage() + ". If the worker is not to create topics, create them and start the run again: "
                        + commands,
                failure);
    }
}
