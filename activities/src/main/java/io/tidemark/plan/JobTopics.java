package io.tidemark.plan;

import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
import io.tidemark.job.Stage;
import io.tidemark.kafka.client.Right;
import io.tidemark.kafka.cluster.TopicCatalog;
import io.tidemark.kafka.cluster.TopicCatalog.Topic;
import io.tidemark.run.FailureKind;
import io.tidemark.run.TidemarkException;
import io.tidemark.state.ChunkCodec;
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
    private static final String STATE_MESSAGE_BYTES = String.valueOf(ChunkCodec.RECORD_BYTES);

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

    /** Partial totals are nowhere else until they are added to the totals. They are removed after that. */
    private static final Map<String, String> PARTIALS_SETTINGS = new TreeMap<>(Map.of(
            "cleanup.policy", "delete",
            "retention.ms", "-1",
            "retention.bytes", "-1",
            "max.message.bytes", STATE_MESSAGE_BYTES));

    private final TopicCatalog catalog;
    private final JobSpec job;
    private final Topic input;
    private final @Nullable Topic output;
    private final @Nullable Topic state;
    private final @Nullable Topic partials;
    private final @Nullable Topic totals;

    private JobTopics(
            TopicCatalog catalog,
            JobSpec job,
            Topic input,
            @Nullable Topic output,
            @Nullable Topic state,
            @Nullable Topic partials,
            @Nullable Topic totals) {
        this.catalog = catalog;
        this.job = job;
        this.input = input;
        this.output = output;
        this.state = state;
        this.partials = partials;
        this.totals = totals;
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
        if (job.stage() == Stage.RECORDS) {
            return ofTwoStages(catalog, job, input, output, state, hasProgress);
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
        return new JobTopics(catalog, job, input, output, state, null, null);
    }

    private static JobTopics ofTwoStages(
            TopicCatalog catalog,
            JobSpec job,
            Topic input,
            @Nullable Topic output,
            @Nullable Topic state,
            boolean hasProgress) {
        String partialsName = JobNames.partialsTopic(job);
        String totalsName = JobNames.stateTopic(job.totals());
        Topic partials = catalog.find(partialsName, Right.READ, Right.WRITE, Right.DELETE)
                .orElse(null);
        Topic totals = catalog.find(totalsName, Right.READ, Right.WRITE).orElse(null);
        if (hasProgress && (partials == null || totals == null)) {
            throw new TidemarkException(
                    partials == null ? FailureKind.PARTIALS_LOST : FailureKind.STATE_LOST,
                    "the job has progress in " + JobNames.stateTopic(job) + ", but its topic "
                            + (partials == null ? partialsName : totalsName)
                            + " does not exist: totals are lost. To compute them again, give the job a new name and a"
                            + " new output.topic");
        }
        for (Topic each :
                Stream.of(output, partials, totals).flatMap(Stream::ofNullable).toList()) {
            if (each.partitions() != job.output().partitions()) {
                throw new TidemarkException(
                        FailureKind.OUTPUT_RESIZED,
                        "topic " + each.name() + " has " + each.partitions()
                                + " partitions, and output.partitions of job "
                                + job.name() + " is " + job.output().partitions()
                                + ": rows would go to other partitions than the earlier ones of the same keys. "
                                + (hasProgress
                                        ? "Give the job a new name and a new output.topic to compute the totals again"
                                        : "Set output.partitions: " + each.partitions() + ", or use another topic"));
            }
        }
        if (partials != null) {
            requireKept(catalog, partialsName);
        }
        return new JobTopics(catalog, job, input, output, state, partials, totals);
    }

    /** Fails if the brokers may remove partial totals. Settings that the worker may not see are taken for right. */
    static void requireKept(TopicCatalog catalog, String topic) {
        Map<String, String> settings = catalog.settings(List.of(topic)).getOrDefault(topic, Map.of());
        List<String> wrong = Stream.of("cleanup.policy", "retention.ms", "retention.bytes")
                .filter(each -> !settings.getOrDefault(each, wanted(each)).equals(wanted(each)))
                .toList();
        if (!wrong.isEmpty()) {
            throw new TidemarkException(
                    FailureKind.PARTIALS_LOST,
                    "topic " + topic + " has "
                            + wrong.stream()
                                    .map(each -> each + "=" + settings.get(each))
                                    .collect(Collectors.joining(", "))
                            + ": the brokers could remove partial totals before they are added to the totals. Change it:"
                            + " kafka-configs.sh --alter --entity-type topics --entity-name " + topic + " --add-config "
                            + wrong.stream()
                                    .map(each -> each + "=" + wanted(each))
                                    .collect(Collectors.joining(",")));
        }
    }

    private static String wanted(String setting) {
        return PARTIALS_SETTINGS.getOrDefault(setting, "");
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

    /** Returns the topics that the job writes, as far as they exist. */
    List<Topic> existing() {
        return Stream.of(output, state, partials, totals)
                .flatMap(Stream::ofNullable)
                .toList();
    }

    /** Returns the output topic, or null if it does not exist yet. */
    @Nullable
    Topic output() {
        return output;
    }

    /** Returns the topic that gets the results of the stage: the output or that of partial totals; null if it does not exist yet. */
    @Nullable
    Topic result() {
        return job.stage() == Stage.RECORDS ? partials : output;
    }

    /** Returns the state topic of the stage of totals; null if the job has none, or if it does not exist yet. */
    @Nullable
    Topic totals() {
        return totals;
    }

    /**
     * The topics after the plan has created and grown them.
     *
     * @param deadLetters null if the job writes none
     * @param partials null if the job has one stage
     * @param totals null if the job has one stage
     */
    record Ready(
            Topic output,
            Topic state,
            @Nullable Topic deadLetters,
            @Nullable Topic partials,
            @Nullable Topic totals) {
        List<Topic> all() {
            return Stream.of(output, state, deadLetters, partials, totals)
                    .flatMap(Stream::ofNullable)
                    .toList();
        }

        /** Returns the topics that get as many partitions as the input. */
        List<Topic> growing() {
            return Stream.of(partials == null ? output : null, state, deadLetters)
                    .flatMap(Stream::ofNullable)
                    .toList();
        }

        /** Returns the topic that gets the results of the stage that reads records. */
        Topic result() {
            return partials == null ? output : partials;
        }
    }

    /** A topic that does not exist yet. */
    private record Missing(int partitions, Map<String, String> settings) {}

    /** Returns how many partitions the output has, and all topics that go with it. */
    private int outputPartitions() {
        return job.stage() == Stage.RECORDS ? job.output().partitions() : input.partitions();
    }

    /** Creates missing topics, and gives each topic the partitions that it needs. */
    Ready makeReady() {
        String deadLetterName = JobNames.deadLetterTopic(job.output().topic());
        boolean writesDeadLetters = job.writesDeadLetters();
        boolean twoStages = job.stage() == Stage.RECORDS;
        Topic deadLetters =
                writesDeadLetters ? catalog.find(deadLetterName, Right.WRITE).orElse(null) : null;
        Map<String, Missing> missing = new LinkedHashMap<>();
        if (output == null) {
            missing.put(job.output().topic(), new Missing(outputPartitions(), OUTPUT_SETTINGS));
        }
        if (state == null) {
            missing.put(JobNames.stateTopic(job), new Missing(input.partitions(), STATE_SETTINGS));
        }
        if (twoStages && partials == null) {
            missing.put(JobNames.partialsTopic(job), new Missing(outputPartitions(), PARTIALS_SETTINGS));
        }
        if (twoStages && totals == null) {
            missing.put(JobNames.stateTopic(job.totals()), new Missing(outputPartitions(), STATE_SETTINGS));
        }
        if (writesDeadLetters && deadLetters == null) {
            missing.put(deadLetterName, new Missing(input.partitions(), deadLetterSettings(HEADER_BYTES)));
        }
        return new Ready(
                ready(output, job.output().topic(), outputPartitions(), missing).require(Right.WRITE),
                ready(state, JobNames.stateTopic(job), input.partitions(), missing)
                        .require(Right.READ, Right.WRITE),
                writesDeadLetters
                        ? readyDeadLetters(deadLetters, deadLetterName, missing).require(Right.WRITE)
                        : null,
                twoStages
                        ? ready(partials, JobNames.partialsTopic(job), outputPartitions(), missing)
                                .require(Right.READ, Right.WRITE, Right.DELETE)
                        : null,
                twoStages
                        ? ready(totals, JobNames.stateTopic(job.totals()), outputPartitions(), missing)
                                .require(Right.READ, Right.WRITE)
                        : null);
    }

    /**
     * Returns the topics as {@link #makeReady} leaves them, without creating or growing one: a missing topic has an empty id
     * and no replicas, because the brokers choose both.
     */
    Ready expected() {
        String deadLetters = JobNames.deadLetterTopic(job.output().topic());
        boolean twoStages = job.stage() == Stage.RECORDS;
        return new Ready(
                expected(output, job.output().topic(), outputPartitions()),
                expected(state, JobNames.stateTopic(job), input.partitions()),
                job.writesDeadLetters()
                        ? expected(catalog.find(deadLetters, Right.WRITE).orElse(null), deadLetters, input.partitions())
                        : null,
                twoStages ? expected(partials, JobNames.partialsTopic(job), outputPartitions()) : null,
                twoStages ? expected(totals, JobNames.stateTopic(job.totals()), outputPartitions()) : null);
    }

    private static Topic expected(@Nullable Topic found, String name, int partitions) {
        return found != null ? found : new Topic(name, "", partitions, 0, Set.of(Right.values()));
    }

    private Topic ready(@Nullable Topic found, String name, int partitions, Map<String, Missing> missing) {
        if (found != null) {
            return found.partitions() < partitions ? catalog.grow(name, partitions) : found;
        }
        try {
            Missing wanted = missing.get(name);
            return catalog.create(name, partitions, wanted == null ? Map.of() : wanted.settings());
        } catch (TidemarkException e) {
            throw withCommands(e, missing);
        }
    }

    /** A provider may limit max.message.bytes to a value that leaves no room for the headers. */
    private Topic readyDeadLetters(@Nullable Topic found, String name, Map<String, Missing> missing) {
        try {
            return ready(found, name, input.partitions(), missing);
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
    private TidemarkException withCommands(TidemarkException failure, Map<String, Missing> missing) {
        if (failure.kind() != FailureKind.NOT_AUTHORIZED && failure.kind() != FailureKind.REFUSED_BY_KAFKA) {
            return failure;
        }
        String commands = missing.entrySet().stream()
                .map(each -> "kafka-topics.sh --bootstrap-server " + catalog.bootstrapServers()
                        + " --create --if-not-exists --topic " + each.getKey() + " --partitions "
                        + each.getValue().partitions()
                        + each.getValue().settings().entrySet().stream()
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
