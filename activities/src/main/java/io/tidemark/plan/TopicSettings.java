package io.tidemark.plan;

import io.tidemark.job.JobSpec;
import io.tidemark.kafka.cluster.TopicCatalog;
import io.tidemark.kafka.cluster.TopicCatalog.Topic;
import io.tidemark.run.FailureKind;
import io.tidemark.run.TidemarkException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Warns about, or refuses, settings of a job's topics with which rows, totals or dead letters can be lost. */
final class TopicSettings {
    /** With fewer brokers, a cluster is for development. */
    private static final int BROKERS_OF_A_CLUSTER = 3;

    private static final String CLEANUP = "cleanup.policy";
    private static final String IN_SYNC = "min.insync.replicas";
    private static final String UNCLEAN = "unclean.leader.election.enable";

    private TopicSettings() {}

    /** Returns the warnings about all topics of a job. Settings that the worker may not see cause none. */
    static List<String> warnings(TopicCatalog catalog, JobSpec job, JobTopics.Ready topics) {
        Map<String, Map<String, String>> settings = settings(catalog, topics.all());
        int brokers = brokers(catalog, topics.all());
        List<String> warnings = new ArrayList<>();
        Map<String, String> output = settings.getOrDefault(topics.output().name(), Map.of());
        Map<String, String> state = settings.getOrDefault(topics.state().name(), Map.of());
        if (!output.getOrDefault(CLEANUP, "compact").equals("compact")) {
            warnings.add("output topic " + topics.output().name() + " has cleanup.policy=" + output.get(CLEANUP)
                    + ": the topic's retention removes rows. Set it to compact, which keeps the last row of each key");
        }
        if (!state.getOrDefault(CLEANUP, "compact").equals("compact")) {
            warnings.add("state topic " + topics.state().name() + " has cleanup.policy=" + state.get(CLEANUP)
                    + ": the topic's retention will remove progress and totals, and the job then fails; set it to"
                    + " compact");
        }
        if (job.close() != null) {
            Topic totals = topics.totals() == null ? topics.state() : topics.totals();
            warnings.addAll(ofCompaction(totals.name(), settings.getOrDefault(totals.name(), Map.of())));
        }
        topics.all()
                .forEach(each ->
                        warnings.addAll(ofReplication(each, settings.getOrDefault(each.name(), Map.of()), brokers)));
        return warnings;
    }

    /** Returns a warning if the state topic is compacted at other times than one that a first run creates. */
    static List<String> ofCompaction(String topic, Map<String, String> settings) {
        List<String> others = JobTopics.STATE_COMPACTION.entrySet().stream()
                .filter(each -> !each.getValue().equals(settings.getOrDefault(each.getKey(), each.getValue())))
                .map(each -> each.getKey() + "=" + settings.get(each.getKey()))
                .toList();
        return others.isEmpty()
                ? List.of()
                : List.of("state topic " + topic + " has " + String.join(", ", others)
                        + ", and the job closes windows: the topic stays small if it is compacted after a day, as one that"
                        + " a first run creates. "
                        + set(
                                topic,
                                JobTopics.STATE_COMPACTION.entrySet().stream()
                                        .map(each -> each.getKey() + "=" + each.getValue())
                                        .collect(Collectors.joining(","))));
    }

    /**
     * Fails if a topic is replicated so weakly that records can be lost with one broker.
     *
     * @param visible whether the worker must see the settings of all topics; the broker that answers may not know a topic
     *     that was just created
     * @throws TidemarkException WEAK_REPLICATION with the first topic and what to change
     */
    static void requireReplication(TopicCatalog catalog, List<Topic> topics, boolean visible) {
        Map<String, Map<String, String>> settings = settings(catalog, topics);
        int brokers = brokers(catalog, topics);
        for (Topic each : topics) {
            if (visible && !settings.containsKey(each.name())) {
                throw refused("the settings of topic " + each.name()
                        + " cannot be seen; grant DescribeConfigs on it to the worker's user");
            }
            for (String weak : ofReplication(each, settings.getOrDefault(each.name(), Map.of()), brokers)) {
                throw refused(weak);
            }
        }
    }

    private static TidemarkException refused(String why) {
        return new TidemarkException(
                FailureKind.WEAK_REPLICATION,
                why
                        + ". This worker refuses topics that can lose records (worker --weak-replication refuse). Nothing was"
                        + " read or written");
    }

    private static Map<String, Map<String, String>> settings(TopicCatalog catalog, List<Topic> topics) {
        return catalog.settings(topics.stream().map(Topic::name).toList());
    }

    private static int brokers(TopicCatalog catalog, List<Topic> topics) {
        return topics.stream().anyMatch(each -> each.replicas() == 1) ? catalog.brokers() : 0;
    }

    /**
     * Returns the warnings about a topic's replication.
     *
     * @param settings those that the worker may see
     * @param brokers how many brokers the cluster has
     */
    static List<String> ofReplication(Topic topic, Map<String, String> settings, int brokers) {
        List<String> warnings = new ArrayList<>();
        if (topic.replicas() == 1 && brokers >= BROKERS_OF_A_CLUSTER) {
            warnings.add("topic " + topic.name() + " has partitions with 1 replica, and the cluster has " + brokers
                    + " brokers: if the disk of one broker is lost, so are the records there. Give it 3 replicas"
                    + " (kafka-reassign-partitions.sh)");
        }
        if (topic.replicas() >= 2 && "1".equals(settings.get(IN_SYNC))) {
            warnings.add("topic " + topic.name() + " has " + topic.replicas() + " replicas and " + IN_SYNC
                    + "=1: a record counts as written when one broker has it, and is lost with that broker. "
                    + (topic.replicas() == 2 ? "Give it 3 replicas and then set it to 2" : set(topic, IN_SYNC + "=2")));
        }
        if (topic.replicas() >= 2 && "true".equals(settings.get(UNCLEAN))) {
            warnings.add("topic " + topic.name() + " has " + UNCLEAN
                    + "=true: a replica that lacks records can become leader, and the others then delete them. "
                    + set(topic, UNCLEAN + "=false"));
        }
        return warnings;
    }

    private static String set(Topic topic, String setting) {
        return set(topic.name(), setting);
    }

    private static String set(String topic, String settings) {
        return "Change it: kafka-configs.sh --alter --entity-type topics --entity-name " + topic + " --add-config "
                + settings;
    }
}
