package io.tidemark.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.embedded.EmbeddedKafka;
import io.tidemark.job.JobNames;
import io.tidemark.kafka.cluster.TopicCatalog;
import io.tidemark.run.FailureKind;
import io.tidemark.run.TidemarkException;
import io.tidemark.testkit.Cluster;
import io.tidemark.testkit.Guarantees;
import io.tidemark.testkit.LifecycleSuite;
import io.tidemark.testkit.Rig;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.server.policy.CreateTopicPolicy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clusters whose administrator creates the topics, chooses their names or limits their settings. */
@LifecycleSuite
@Timeout(60)
class PreparedTopicsIT {
    /** Limits max.message.bytes, as providers do. */
    public static final class Provider implements CreateTopicPolicy {
        private static final long LIMIT = 1_048_588;

        @Override
        public void validate(RequestMetadata request) {
            long wanted = Long.parseLong(request.configs().getOrDefault("max.message.bytes", "0"));
            if (request.topic().endsWith("dead-letter") && wanted > LIMIT) {
                throw new PolicyViolationException("max.message.bytes is limited to " + LIMIT);
            }
            if (request.topic().startsWith("forbidden")) {
                throw new PolicyViolationException("only administrators create topics");
            }
        }

        @Override
        public void configure(Map<String, ?> configs) {}

        @Override
        public void close() {}
    }

    private static void onAProvidersBroker(Consumer<Cluster> test) {
        try (EmbeddedKafka kafka = EmbeddedKafka.builder()
                .property("create.topic.policy.class.name", Provider.class.getName())
                .start()) {
            test.accept(Cluster.at(kafka.bootstrapServers()));
        }
    }

    @Test
    void aStateTopicThatWasCreatedBeforehandNeedsNoOutput() {
        try (Rig rig = Rig.voltage(2)) {
            rig.create(rig.stateTopic(), 2, Map.of("cleanup.policy", "compact"));
            rig.send(0, 0, 10);

            rig.runAll();

            Guarantees.holdAtTheEnd(rig);
        }
    }

    @Test
    void allNamesInKafkaCanHaveAPrefix() {
        try (Rig rig = Rig.with(1, json -> {
            json.putObject("names").put("prefix", "team-x.");
            json.withObject("/output").put("topic", "team-x.means");
        })) {
            String job = rig.job().name();
            rig.send(0, 0, 10);
            rig.sendRaw(0, new byte[] {'x'});
            rig.flush();

            rig.runAll();

            Guarantees.holdAtTheEnd(rig);
            assertThat(rig.stateTopic()).isEqualTo("team-x.tidemark." + job + ".state");
            Set<String> topics = Rig.get(rig.admin().listTopics().names());
            assertThat(topics).contains("team-x.means", "team-x.means.dead-letter", rig.stateTopic());
            assertThat(rig.transactionalIds().stream().filter(each -> each.contains(job)))
                    .isNotEmpty()
                    .allMatch(each -> each.startsWith("team-x.tidemark/" + job + "/"));
            assertThat(rig.group()).isEqualTo("team-x.tidemark-" + job);
            assertThat(rig.groupOffsets()).containsEntry(0, 11L);
        }
    }

    @Test
    void deadLettersAreAsLargeAsTheProviderAllows() {
        onAProvidersBroker(cluster -> {
            try (Rig rig = Rig.with(cluster, 1, Map.of(), json -> {})) {
                rig.newRun().plan();

                assertThat(new TopicCatalog(rig.clients())
                                .setting(JobNames.deadLetterTopic(rig.output()), "max.message.bytes"))
                        .contains("1048588");
            }
        });
    }

    @Test
    void aRefusalNamesTheCommandsThatCreateAllTopics() {
        onAProvidersBroker(cluster -> {
            try (Rig rig = Rig.with(
                    cluster, 3, Map.of(), json -> json.withObject("/output").put("topic", "forbidden-means"))) {
                assertThatThrownBy(() -> rig.newRun().plan())
                        .isInstanceOfSatisfying(TidemarkException.class, failure -> {
                            assertThat(failure.kind()).isEqualTo(FailureKind.REFUSED_BY_KAFKA);
                            assertThat(failure)
                                    .hasMessageContainingAll(
                                            "only administrators create topics",
                                            "--create --if-not-exists --topic forbidden-means --partitions 3"
                                                    + " --config cleanup.policy=compact;",
                                            "--topic " + rig.stateTopic() + " --partitions 3"
                                                    + " --config cleanup.policy=compact"
                                                    + " --config max.compaction.lag.ms=86400000"
                                                    + " --config max.message.bytes=8388608"
                                                    + " --config min.compaction.lag.ms=86400000"
                                                    + " --config segment.ms=86400000;",
                                            "--topic forbidden-means.dead-letter --partitions 3"
                                                    + " --config cleanup.policy=delete --config retention.ms=2592000000"
                                                    + " --config max.message.bytes=");
                        });
            }
        });
    }
}
