package io.tidemark.exporter;

import io.tidemark.exporter.Problems.Source;
import io.tidemark.exporter.StateFacts.Progress;
import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.kafka.cluster.ManyTopics;
import io.tidemark.kafka.cluster.ManyTopics.Answers;
import io.tidemark.kafka.cluster.TopicCatalog;
import io.tidemark.kafka.state.StateTopic;
import io.tidemark.run.TidemarkException;
import io.tidemark.state.PartitionProgress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Asks a Kafka cluster: a handful of requests for all jobs together, besides what has changed since the last look. */
public final class KafkaCluster implements Kafka {
    /** How often the settings of input topics are asked for. */
    private static final Duration SETTINGS_AGE = Duration.ofMinutes(10);

    /** Longer than any call of the admin client, as {@link KafkaClients#closeIdle} needs. */
    private static final Duration CLOSE_IDLE_EVERY = Duration.ofMinutes(2);

    private final KafkaClients clients;
    private final ManyTopics many;
    private final TopicCatalog catalog;
    private final UnreadTimes times;
    private final OpenTransactions transactions;
    private final Map<String, State> states = new HashMap<>();
    private Map<String, OptionalLong> retention = new HashMap<>();
    private Instant settingsSince = Instant.MIN;
    private Instant closedIdle = Instant.MIN;

    /**
     * The progress of a job as of the last change of its state topic.
     *
     * @param ends last stable offsets of the state topic
     * @param topic the input topic, according to the progress
     */
    private record State(
            Map<Integer, Long> ends,
            Map<Integer, Progress> progress,
            @Nullable String topic) {}

    /** Asks the clients' cluster. */
    public KafkaCluster(KafkaClients clients) {
        this.clients = clients;
        many = new ManyTopics(clients);
        catalog = new TopicCatalog(clients);
        times = new UnreadTimes(clients);
        transactions = new OpenTransactions(clients);
    }

    @Override
    public Set<String> topics() {
        return many.names();
    }

    @Override
    public Map<String, JobFacts> look(Collection<WatchedJob> jobs, Instant now, Problems problems) {
        if (now.isAfter(closedIdle.plus(CLOSE_IDLE_EVERY))) {
            clients.closeIdle();
            closedIdle = now;
        }
        readStates(jobs, problems);
        Map<String, String> topics = new TreeMap<>();
        for (WatchedJob each : jobs) {
            State state = states.get(each.stateTopic());
            String topic = each.topic() != null || state == null ? each.topic() : state.topic();
            if (topic != null) {
                topics.put(each.name(), topic);
            }
        }
        Logs logs = logs(new TreeSet<>(topics.values()), problems);
        readSettings(logs.found().keySet(), now, problems);
        Map<String, Duration> open = transactions.ages(logs.held(), now, problems);
        times.begin();
        Map<String, JobFacts> facts = new HashMap<>();
        for (WatchedJob each : jobs) {
            State state = states.get(each.stateTopic());
            String topic = topics.get(each.name());
            Map<Integer, InputFacts.Log> log =
                    topic == null ? null : logs.found().get(topic);
            facts.put(
                    each.name(),
                    new JobFacts(
                            topic == null || log == null
                                    ? null
                                    : input(each, topic, log, state, open.get(topic), now, problems),
                            state == null ? null : StateFacts.of(stages(state, each), each)));
        }
        times.keepOnly(facts.keySet());
        return facts;
    }

    /** Returns the progress of all stages of a job: with two, the totals are those of the second. */
    private List<Progress> stages(State state, WatchedJob job) {
        List<Progress> all = new ArrayList<>(state.progress().values());
        State totals = job.totalsTopic() == null ? null : states.get(job.totalsTopic());
        if (totals != null) {
            all.addAll(totals.progress().values());
        }
        return all;
    }

    private InputFacts input(
            WatchedJob job,
            String topic,
            Map<Integer, InputFacts.Log> log,
            @Nullable State state,
            @Nullable Duration open,
            Instant now,
            Problems problems) {
        OptionalLong held = OptionalLong.of(
                log.values().stream().mapToLong(InputFacts.Log::heldBack).sum());
        if (state == null) {
            // The job has not planned a run yet, so nobody knows where it will begin.
            return new InputFacts(topic, OptionalLong.empty(), null, null, held, open);
        }
        Map<Integer, Long> oldest = times.of(job, topic, log, state.progress(), problems);
        InputFacts.Sum sum = new InputFacts.Sum(now, retention.getOrDefault(topic, OptionalLong.empty()));
        state.progress().forEach((partition, progress) -> {
            InputFacts.Log offsets = log.get(partition);
            if (offsets != null) {
                sum.add(progress, offsets, oldest.get(partition));
            }
        });
        return new InputFacts(topic, OptionalLong.of(sum.lag()), sum.age(), sum.headroom(), held, open);
    }

    /** Reads the progress of partitions whose state has changed. */
    private void readStates(Collection<WatchedJob> jobs, Problems problems) {
        List<String> wanted = jobs.stream()
                .flatMap(each -> Stream.of(each.stateTopic(), each.totalsTopic()))
                .filter(Objects::nonNull)
                .distinct()
                .toList();
        Answers<Integer> partitions = ask(Source.TOPICS, () -> many.partitions(wanted), problems);
        Answers<Map<Integer, Long>> ends = ask(Source.OFFSETS, () -> many.stableEnds(partitions.found()), problems);
        // A topic that cannot be asked has no state: old numbers would look like new ones.
        states.keySet().retainAll(ends.found().keySet());
        ends.found().forEach((topic, offsets) -> {
            State known = states.getOrDefault(topic, new State(Map.of(), new TreeMap<>(), null));
            List<Integer> changed = offsets.entrySet().stream()
                    .filter(each -> !each.getValue().equals(known.ends().get(each.getKey())))
                    .map(Map.Entry::getKey)
                    .toList();
            if (changed.isEmpty()) {
                return;
            }
            try {
                Map<Integer, PartitionProgress> read = new StateTopic(clients, topic).readStable(changed);
                Map<Integer, Progress> progress = new TreeMap<>(known.progress());
                progress.keySet().removeAll(changed);
                read.forEach((partition, stored) -> progress.put(partition, Progress.of(stored)));
                String input = read.values().stream()
                        .map(each -> each.meaning().path("input").path("topic").asText())
                        .findFirst()
                        .orElse(known.topic());
                states.put(topic, new State(offsets, progress, input));
            } catch (TidemarkException e) {
                problems.add(Source.PROGRESS, e);
                states.remove(topic);
            }
        });
    }

    /** The logs of inputs, and of those with offsets held back how many each partition has. */
    private record Logs(Map<String, Map<Integer, InputFacts.Log>> found, Map<String, Map<Integer, Long>> held) {}

    private Logs logs(Collection<String> topics, Problems problems) {
        Map<String, Integer> partitions =
                ask(Source.TOPICS, () -> many.partitions(topics), problems).found();
        // Before the stable offsets: records written between the two requests then do not count as held back.
        Map<String, Map<Integer, Long>> watermarks = ask(
                        Source.OFFSETS, () -> many.highWatermarks(partitions), problems)
                .found();
        Map<String, Map<Integer, Long>> ends =
                ask(Source.OFFSETS, () -> many.stableEnds(partitions), problems).found();
        Map<String, Map<Integer, Long>> begins =
                ask(Source.OFFSETS, () -> many.begins(partitions), problems).found();
        Logs logs = new Logs(new TreeMap<>(), new TreeMap<>());
        Set<String> complete = new HashSet<>(watermarks.keySet());
        complete.retainAll(ends.keySet());
        complete.retainAll(begins.keySet());
        for (String topic : complete) {
            Map<Integer, InputFacts.Log> log = new TreeMap<>();
            Map<Integer, Long> begin = begins.getOrDefault(topic, Map.of());
            Map<Integer, Long> watermark = watermarks.getOrDefault(topic, Map.of());
            ends.getOrDefault(topic, Map.of())
                    .forEach((partition, end) -> log.put(
                            partition,
                            new InputFacts.Log(
                                    begin.getOrDefault(partition, 0L), end, watermark.getOrDefault(partition, end))));
            logs.found().put(topic, log);
            Map<Integer, Long> held = log.entrySet().stream()
                    .filter(each -> each.getValue().heldBack() > 0)
                    .collect(Collectors.toMap(
                            Map.Entry::getKey, each -> each.getValue().heldBack()));
            if (!held.isEmpty()) {
                logs.held().put(topic, held);
            }
        }
        return logs;
    }

    /** A question that reports every topic without an answer. */
    @FunctionalInterface
    private interface Question<T> {
        Answers<T> ask();
    }

    private static <T> Answers<T> ask(Source source, Question<T> question, Problems problems) {
        Answers<T> answers = problems.ask(source, question::ask).orElseGet(() -> new Answers<>(Map.of(), Map.of()));
        answers.failed().values().forEach(each -> problems.add(source, each));
        return answers;
    }

    private void readSettings(Collection<String> topics, Instant now, Problems problems) {
        if (now.isBefore(settingsSince.plus(SETTINGS_AGE)) && retention.keySet().containsAll(topics)) {
            return;
        }
        problems.ask(Source.TOPICS, () -> catalog.settings(topics)).ifPresent(settings -> {
            Map<String, OptionalLong> read = new HashMap<>();
            for (String topic : topics) {
                read.put(topic, retentionMillis(settings.getOrDefault(topic, Map.of())));
            }
            retention = read;
            settingsSince = now;
        });
    }

    /** Returns after what time the topic's records may be removed; empty if never, or if the user may not see it. */
    private static OptionalLong retentionMillis(Map<String, String> settings) {
        String millis = settings.get("retention.ms");
        return millis == null
                        || millis.equals("-1")
                        || !settings.getOrDefault("cleanup.policy", "").contains("delete")
                ? OptionalLong.empty()
                : OptionalLong.of(Long.parseLong(millis));
    }
}
