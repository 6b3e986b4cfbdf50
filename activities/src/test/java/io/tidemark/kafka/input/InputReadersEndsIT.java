package io.tidemark.kafka.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.UnixOperatingSystemMXBean;
import io.tidemark.embedded.Producers;
import io.tidemark.kafka.client.ReaderKind;
import io.tidemark.kafka.input.InputReader.Read;
import io.tidemark.kafka.input.TwoReaders.Outcome;
import io.tidemark.kafka.input.TwoReaders.Seen;
import io.tidemark.run.FailureKind;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.TidemarkException;
import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Compares how both readers end a read: when something is missing, when time is over, when the caller fails. */
@Timeout(120)
class InputReadersEndsIT extends TwoReadersBase {
    /** Small responses, so that a read of a few kilobytes needs many of them. */
    private static TwoReaders small() {
        return new TwoReaders(servers(), Map.of("max.partition.fetch.bytes", "500", "max.poll.records", "10"));
    }

    private interface Action {
        void run() throws Exception;
    }

    /** Runs {@code action} once, after a part of a range that begins at offset 0 was read. */
    private static Consumer<List<PartitionRange>> once(Action action) {
        AtomicBoolean done = new AtomicBoolean();
        return remaining -> {
            if (remaining.get(0).from() > 0 && !done.getAndSet(true)) {
                try {
                    action.run();
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
            }
        };
    }

    private static void assertUnbroken(List<Seen> records, long from) {
        for (int i = 0; i < records.size(); i++) {
            assertThat(records.get(i).offset()).isEqualTo(from + i);
        }
    }

    /**
     * For a log with a record at each offset: checks that all records of the range that was read were passed to the
     * handler, and no others.
     */
    private static void assertIsPrefix(Outcome outcome, PartitionRange asked) {
        Read read = outcome.reads().get(0);
        assertThat(read.range().from()).isEqualTo(asked.from());
        assertThat(read.range().to()).isGreaterThan(asked.from()).isLessThan(asked.to());
        assertUnbroken(outcome.of(asked.partition()), asked.from());
        assertThat(outcome.of(asked.partition())).hasSize((int) read.range().length());
    }

    // What is not there, or not any more.

    @Test
    void recordsThatWereDeletedAreNamedAlike() throws Exception {
        String topic = topic(2, Map.of());
        send(topic, 0, 0, 30);
        send(topic, 1, 0, 30);
        deleteBefore(topic, 17);

        List<TidemarkException> failures = readers.failAlike(
                topic, List.of(new PartitionRange(1, 0, 30), new PartitionRange(0, 5, 30)), TwoReaders.ENOUGH);

        assertThat(failures).allSatisfy(each -> {
            assertThat(each.kind()).isEqualTo(FailureKind.RETENTION_GAP);
            assertThat(each).hasMessageContainingAll(topic + "[0]", "5", "17", "12 offsets");
        });
        readers.readAlike("what is left", topic, whole(topic, 2));
    }

    private static void deleteBefore(String topic, long offset) throws Exception {
        admin.deleteRecords(Map.of(new TopicPartition(topic, 0), RecordsToDelete.beforeOffset(offset)))
                .all()
                .get();
    }

    @ParameterizedTest
    @EnumSource(ReaderKind.class)
    void recordsThatAreDeletedInTheMiddleOfAReadEndIt(ReaderKind kind) throws Exception {
        String topic = topic(1, Map.of());
        send(topic, 0, 0, 2_000);
        try (TwoReaders slow = small()) {
            Outcome outcome = slow.read(
                    kind,
                    topic,
                    List.of(new PartitionRange(0, 0, 2_000)),
                    TwoReaders.ENOUGH,
                    once(() -> deleteBefore(topic, 1_900)));
            assertThat(outcome.problem().kind()).isEqualTo(FailureKind.RETENTION_GAP);
            assertUnbroken(outcome.of(0), 0);
        }
    }

    @Test
    void aRangeBehindTheEndOfTheLogIsTruncatedAlike() throws Exception {
        String topic = topic(1, Map.of());
        send(topic, 0, 0, 30);
        assertThat(readers.failAlike(topic, List.of(new PartitionRange(0, 40, 50)), TwoReaders.ENOUGH))
                .allSatisfy(each -> {
                    assertThat(each.kind()).isEqualTo(FailureKind.TRUNCATED);
                    assertThat(each).hasMessageContainingAll(topic + "[0]", "40", "30");
                });
    }

    @Test
    void aTopicThatIsNotThereIsUnavailableAlike() {
        assertThat(readers.failAlike("nowhere", List.of(new PartitionRange(0, 0, 5)), Duration.ofSeconds(1)))
                .allSatisfy(each -> {
                    assertThat(each.kind()).isEqualTo(FailureKind.KAFKA_UNAVAILABLE);
                    assertThat(each).hasMessageContaining("nowhere");
                });
    }

    @Test
    void aPartitionThatIsNotThereIsUnavailableAlike() throws Exception {
        String topic = topic(1, Map.of());
        assertThat(readers.failAlike(topic, List.of(new PartitionRange(7, 0, 5)), Duration.ofSeconds(1)))
                .allSatisfy(each -> assertThat(each.kind()).isEqualTo(FailureKind.KAFKA_UNAVAILABLE));
    }

    @ParameterizedTest
    @EnumSource(ReaderKind.class)
    void aTopicThatIsDeletedInTheMiddleOfAReadEndsItEarly(ReaderKind kind) throws Exception {
        String topic = topic(1, Map.of());
        send(topic, 0, 0, 2_000);
        try (TwoReaders slow = small()) {
            Outcome outcome = slow.read(
                    kind,
                    topic,
                    List.of(new PartitionRange(0, 0, 2_000)),
                    Duration.ofSeconds(2),
                    once(() -> admin.deleteTopics(List.of(topic)).all().get()));
            assertThat(outcome.failure()).isNull();
            assertIsPrefix(outcome, new PartitionRange(0, 0, 2_000));
        }
    }

    @Test
    void whatAnOpenTransactionHidesIsWaitedForAlike() throws Exception {
        String topic = topic(1, Map.of());
        send(topic, 0, 0, 30);
        try (var producer = Producers.ofBytes(Map.of("bootstrap.servers", servers(), "transactional.id", topic))) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(topic, 0, null, new byte[3])).get();
            send(topic, 0, 30, 60);

            assertThat(readers.failAlike(topic, List.of(new PartitionRange(0, 30, 61)), Duration.ofSeconds(1)))
                    .allSatisfy(each -> assertThat(each.kind()).isEqualTo(FailureKind.KAFKA_UNAVAILABLE));
            for (ReaderKind kind : ReaderKind.values()) {
                PartitionRange asked = new PartitionRange(0, 5, 61);
                Outcome some = readers.read(kind, topic, List.of(asked), Duration.ofSeconds(1), remaining -> {});
                assertThat(some.reads()).extracting(Read::range).containsExactly(new PartitionRange(0, 5, 30));
                assertIsPrefix(some, asked);
            }
            producer.commitTransaction();
            readers.readAlike("committed", topic, whole(topic, 1));
        }
    }

    @Test
    void aClusterThatIsNotThereIsUnavailableAlike() {
        try (TwoReaders nobody = new TwoReaders("127.0.0.1:1", Map.of())) {
            assertThat(nobody.failAlike("t", List.of(new PartitionRange(0, 0, 5)), Duration.ofSeconds(1)))
                    .allSatisfy(each -> assertThat(each.kind()).isEqualTo(FailureKind.KAFKA_UNAVAILABLE));
        }
    }

    // Ends before the end.

    @ParameterizedTest
    @EnumSource(ReaderKind.class)
    void aReadWhoseTimeIsOverHasAnUnbrokenPrefix(ReaderKind kind) throws Exception {
        String topic = topic(1, Map.of());
        send(topic, 0, 0, 2_000);
        AtomicLong now = new AtomicLong();
        try (TwoReaders slow = small()) {
            PartitionRange asked = new PartitionRange(0, 15, 2_000);
            // The clock advances an hour with each fetch that returns records.
            Outcome outcome = slow.read(kind, now::get, topic, List.of(asked), Duration.ofHours(3), remaining -> {
                if (remaining.get(0).from() > 15) {
                    now.addAndGet(Duration.ofHours(1).toNanos());
                }
            });
            assertThat(outcome.failure()).isNull();
            assertIsPrefix(outcome, asked);
        }
    }

    @ParameterizedTest
    @EnumSource(ReaderKind.class)
    void whatIsLeftIsToldBetweenFetches(ReaderKind kind) throws Exception {
        String topic = topic(2, Map.of());
        send(topic, 0, 0, 500);
        send(topic, 1, 0, 20);
        List<List<PartitionRange>> told = new ArrayList<>();
        try (TwoReaders slow = small()) {
            slow.read(
                    kind,
                    topic,
                    List.of(new PartitionRange(0, 0, 500), new PartitionRange(1, 0, 20)),
                    TwoReaders.ENOUGH,
                    told::add);
        }
        assertThat(told).hasSizeGreaterThan(10);
        assertThat(told.get(told.size() - 1)).isEmpty();
        Map<Integer, Long> before = new HashMap<>();
        for (List<PartitionRange> each : told) {
            for (PartitionRange range : each) {
                assertThat(range.from()).isGreaterThanOrEqualTo(before.getOrDefault(range.partition(), 0L));
                before.put(range.partition(), range.from());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(ReaderKind.class)
    void anInterruptEndsARead(ReaderKind kind) throws Exception {
        String topic = topic(1, Map.of());
        send(topic, 0, 0, 2_000);
        try (TwoReaders slow = small()) {
            Outcome outcome = slow.read(
                    kind,
                    topic,
                    List.of(new PartitionRange(0, 0, 2_000)),
                    TwoReaders.ENOUGH,
                    once(() -> Thread.currentThread().interrupt()));

            assertThat(Thread.interrupted()).as("the thread still knows").isTrue();
            assertThat(outcome.problem()).hasMessageContaining("InterruptException");
            assertUnbroken(outcome.of(0), 0);
        }
    }

    @ParameterizedTest
    @EnumSource(ReaderKind.class)
    void exceptionsOfTheCallerPassUnchanged(ReaderKind kind) throws Exception {
        String topic = topic(1, Map.of());
        send(topic, 0, 0, 50);
        RuntimeException mine = new IllegalStateException("mine");
        List<PartitionRange> ranges = List.of(new PartitionRange(0, 0, 50));
        InputReader reader = InputReader.of(readers.clients(), kind, System::nanoTime);

        assertThat(catching(() -> reader.read(
                        topic,
                        ranges,
                        TwoReaders.ENOUGH,
                        record -> {
                            throw mine;
                        },
                        remaining -> {})))
                .isSameAs(mine);
        assertThat(catching(() -> reader.read(
                        topic, ranges, TwoReaders.ENOUGH, TwoReaders.collector(new TreeMap<>()), remaining -> {
                            throw mine;
                        })))
                .isSameAs(mine);
    }

    private static Throwable catching(Runnable runnable) {
        try {
            runnable.run();
            return null;
        } catch (RuntimeException e) {
            return e;
        }
    }

    @ParameterizedTest
    @EnumSource(ReaderKind.class)
    void nothingStaysOpenAfterReads(ReaderKind kind) throws Exception {
        String topic = topic(3, Map.of());
        for (int partition = 0; partition < 3; partition++) {
            send(topic, partition, 0, 100);
        }
        List<PartitionRange> whole = whole(topic, 3);
        int threads = Thread.activeCount();
        long before = openFiles();
        for (int i = 0; i < 30; i++) {
            readers.read(kind, topic, whole);
        }
        // Sockets of both sides and the selector's files: four or five for each reader that is not closed.
        await().untilAsserted(() -> assertThat(openFiles()).isLessThan(before + 30));
        assertThat(Thread.activeCount()).isLessThan(threads + 30);
    }

    /** Returns the number of open files and sockets of this process, which includes the broker's. */
    private static long openFiles() {
        OperatingSystemMXBean system = ManagementFactory.getOperatingSystemMXBean();
        assumeThat(system).isInstanceOf(UnixOperatingSystemMXBean.class);
        return ((UnixOperatingSystemMXBean) system).getOpenFileDescriptorCount();
    }
}
