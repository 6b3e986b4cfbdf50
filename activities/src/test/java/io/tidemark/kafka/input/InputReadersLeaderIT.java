package io.tidemark.kafka.input;

import static io.tidemark.kafka.input.InputReadersChangesIT.OLD;
import static io.tidemark.kafka.input.InputReadersChangesIT.assertUnbroken;
import static io.tidemark.kafka.input.InputReadersChangesIT.late;
import static io.tidemark.kafka.input.InputReadersChangesIT.send;
import static io.tidemark.kafka.input.InputReadersChangesIT.small;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.kafka.client.ReaderKind;
import io.tidemark.kafka.input.InputReader.Read;
import io.tidemark.kafka.input.TwoReaders.Outcome;
import io.tidemark.run.PartitionRange;
import io.tidemark.testkit.BrokerProcess;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Both readers on a partition whose leader changes in the middle of a read. */
@Timeout(120)
class InputReadersLeaderIT {
    @TempDir
    private static Path folder;

    private static List<BrokerProcess> brokers = List.of();
    private static Admin admin;

    @BeforeAll
    static void start() {
        brokers = BrokerProcess.cluster(folder, 3);
        admin = Admin.create(Map.of("bootstrap.servers", all()));
    }

    @AfterAll
    static void stop() {
        if (admin != null) {
            admin.close();
        }
        brokers.forEach(BrokerProcess::close);
    }

    private static String all() {
        return BrokerProcess.all(brokers);
    }

    /** Returns the partition of a new topic with replicas on all brokers, a leader, and records. */
    private static TopicPartition filled(String topic) throws Exception {
        admin.createTopics(List.of(new NewTopic(topic, 1, (short) 3))).all().get();
        send(all(), topic, "old", OLD, 20);
        return new TopicPartition(topic, 0);
    }

    /** Waits until another broker than {@code before} is the leader. */
    private static int leaderOtherThan(int before, TopicPartition partition) throws Exception {
        while (true) {
            try {
                Node leader = admin.describeTopics(List.of(partition.topic()))
                        .allTopicNames()
                        .get()
                        .get(partition.topic())
                        .partitions()
                        .get(0)
                        .leader();
                if (leader != null && !leader.isEmpty() && leader.id() != before) {
                    return leader.id();
                }
            } catch (ExecutionException e) {
                // The broker does not know the topic yet.
                assertThat(e).hasCauseInstanceOf(UnknownTopicOrPartitionException.class);
            }
        }
    }

    private static int leader(TopicPartition partition) throws Exception {
        return leaderOtherThan(-1, partition);
    }

    private static void handOver(TopicPartition partition) throws Exception {
        int before = leader(partition);
        List<Integer> others = IntStream.rangeClosed(1, brokers.size())
                .filter(each -> each != before)
                .boxed()
                .toList();
        List<Integer> order = Stream.concat(others.stream(), Stream.of(before)).toList();
        admin.alterPartitionReassignments(Map.of(partition, Optional.of(new NewPartitionReassignment(order))))
                .all()
                .get();
        while (!admin.listPartitionReassignments(Set.of(partition))
                .reassignments()
                .get()
                .isEmpty()) {
            Thread.onSpinWait();
        }
        admin.electLeaders(ElectionType.PREFERRED, Set.of(partition)).all().get();
        leaderOtherThan(before, partition);
    }

    @ParameterizedTest
    @EnumSource(ReaderKind.class)
    void aPartitionWhoseLeaderHandsOverIsReadOn(ReaderKind kind) throws Exception {
        TopicPartition partition = filled("handed-over-" + kind);
        try (TwoReaders readers = small(all())) {
            assertReadOn(kind, readers, partition, () -> handOver(partition));
        }
    }

    @ParameterizedTest
    @EnumSource(ReaderKind.class)
    void aPartitionWhoseLeaderIsKilledIsReadOn(ReaderKind kind) throws Exception {
        TopicPartition partition = filled("killed-" + kind);
        int victim = leader(partition);
        try (TwoReaders readers = small(all())) {
            assertReadOn(kind, readers, partition, () -> brokers.get(victim - 1).kill());
        } finally {
            brokers.get(victim - 1).start();
        }
    }

    private static void assertReadOn(
            ReaderKind kind, TwoReaders readers, TopicPartition partition, InputReadersChangesIT.Action change) {
        List<PartitionRange> range = List.of(new PartitionRange(0, 0, OLD));
        Outcome read = readers.read(kind, partition.topic(), range, TwoReaders.ENOUGH, late(change));
        assertThat(read.failure()).as("%s", kind).isNull();
        assertUnbroken(read.of(0), OLD);
        assertThat(read.reads()).extracting(Read::range).isEqualTo(range);
    }
}
