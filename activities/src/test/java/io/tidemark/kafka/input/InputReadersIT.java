package io.tidemark.kafka.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.UnixOperatingSystemMXBean;
import io.tidemark.kafka.client.ReaderKind;
import io.tidemark.kafka.cluster.TopicCatalog;
import io.tidemark.kafka.input.InputReader.Read;
import io.tidemark.kafka.input.TwoReaders.Outcome;
import io.tidemark.kafka.input.TwoReaders.Seen;
import io.tidemark.run.FailureKind;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.TidemarkException;
import io.tidemark.testkit.SharedBroker;
import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Compares the fetch reader with the consumer, record by record, on everything that a log can contain. {@code
 * -Dtidemark.seed=} repeats a seed that failed.
 */
@Timeout(120)
class InputReadersIT {
    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static final long SEED = Long.getLong("tidemark.seed", System.nanoTime());

    private static Admin admin;
    private static TwoReaders readers;

    @BeforeAll
    static void connect() {
        System.out.printf("InputReadersIT: seed %d; again: -Dit.test=InputReadersIT -Dtidemark.seed=%<d%n", SEED);
        admin = Admin.create(Map.of("bootstrap.servers", servers()));
        readers = new TwoReaders(servers(), Map.of());
    }

    @AfterAll
    static void disconnect() {
        admin.close();
        readers.close();
    }

    private static String servers() {
        return SharedBroker.get().bootstrapServers();
    }

    private static String topic(int partitions, Map<String, String> settings) throws Exception {
        String topic = "readers-" + NUMBER.incrementAndGet();
        admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1).configs(settings)))
                .all()
                .get();
        return topic;
    }

    private static List<Integer> partitions(int count) {
        return IntStream.range(0, count).boxed().toList();
    }

    private static Map<Integer, Long> first(String topic, int partitions) {
        return new TopicCatalog(readers.clients()).firstOffsets(topic, partitions(partitions));
    }

    private static Map<Integer, Long> stable(String topic, int partitions) {
        return new TopicCatalog(readers.clients())
                .stableBounds(topic, partitions(partitions))
                .ends();
    }

    private static List<PartitionRange> whole(String topic, int partitions) {
        Map<Integer, Long> first = first(topic, partitions);
        List<PartitionRange> ranges = new ArrayList<>();
        stable(topic, partitions)
                .forEach((partition, end) -> ranges.add(new PartitionRange(partition, first.get(partition), end)));
        return ranges;
    }

    /** Sends plain records in batches of ten. */
    private static void send(String topic, int partition, int from, int to) {
        try (var producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", servers(), "linger.ms", 1_000, "batch.size", 1 << 20),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            for (int n = from; n < to; n++) {
                byte[] value = ("value-" + n).getBytes(StandardCharsets.UTF_8);
                var unused = producer.send(new ProducerRecord<>(topic, partition, 1_000L + n, null, value));
                if (n % 10 == 9) {
                    producer.flush();
                }
            }
        }
    }

    // Everything that producers do.

    private static final List<Map<String, String>> SETTINGS = List.of(
            Map.of(),
            // At most one batch per response, so that most batches are larger than the request.
            Map.of("max.partition.fetch.bytes", "1024", "fetch.max.bytes", "4096", "max.poll.records", "7"),
            Map.of("max.partition.fetch.bytes", "1", "max.poll.records", "1000"),
            Map.of("max.partition.fetch.bytes", "70000", "fetch.max.bytes", "100000", "receive.buffer.bytes", "4096"));

    @Test
    void anyLogIsReadAlike() throws Exception {
        for (int round = 0; round < 3; round++) {
            long seed = SEED + round;
            int partitions = 1 + round * 3;
            String topic = topic(
                    partitions,
                    Map.of("max.message.bytes", "4194304", "segment.bytes", "1048576", "segment.ms", "3600000"));
            try (RandomLog log = new RandomLog(servers(), topic, partitions, seed, 300_000)) {
                log.write(40);
                assertReadAlike("seed " + seed + ", transactions open", topic, partitions, log);
                log.settle();
                log.write(20);
                log.settle();
                assertReadAlike("seed " + seed, topic, partitions, log);
            }
        }
    }

    private static void assertReadAlike(String what, String topic, int partitions, RandomLog log) {
        List<PartitionRange> whole = whole(topic, partitions);
        Map<Integer, Long> first = first(topic, partitions);
        Map<Integer, Long> end = stable(topic, partitions);
        for (Map<String, String> settings : SETTINGS) {
            try (TwoReaders these = new TwoReaders(servers(), settings)) {
                Outcome all = these.readAlike(what + " with " + settings, topic, whole);
                assertThat(all.reads()).extracting(Read::range).isEqualTo(whole);
            }
        }
        for (int i = 0; i < 6; i++) {
            List<PartitionRange> ranges = log.ranges(first, end);
            readers.readAlike(what + ", ranges " + ranges, topic, ranges);
        }
    }

    @Test
    void everyCutOfALogIsReadAlike() throws Exception {
        // Each offset is the begin of a range once and its end once: markers, aborted records, offsets within batches.
        long seed = SEED;
        String topic = topic(1, Map.of());
        try (RandomLog log = new RandomLog(servers(), topic, 1, seed, 2_000)) {
            log.write(12);
            log.settle();
            long end = stable(topic, 1).get(0);
            long step = 1 + end / 25;
            for (long cut = 0; cut <= end; cut += step) {
                String what = "seed " + seed + ", cut at " + cut;
                readers.readAlike(what, topic, List.of(new PartitionRange(0, 0, cut)));
                readers.readAlike(what, topic, List.of(new PartitionRange(0, cut, end)));
            }
        }
    }

    @Test
    void manyPartitionsAreReadAlike() throws Exception {
        String topic = topic(150, Map.of());
        try (RandomLog log = new RandomLog(servers(), topic, 150, SEED, 100)) {
            log.write(60);
            log.settle();
        }
        readers.readAlike("seed " + SEED, topic, whole(topic, 150));
        try (TwoReaders tiny = new TwoReaders(servers(), Map.of("fetch.max.bytes", "2000"))) {
            tiny.readAlike("seed " + SEED + ", a partition at a time", topic, whole(topic, 150));
        }
    }

    @Test
    void largeResponsesOneAfterTheOtherAreReadAlike() throws Exception {
        // Each is received into a buffer that is used again.
        String topic = topic(3, Map.of());
        Random random = new Random(SEED);
        try (var producer = new KafkaProducer<>(
                // With more requests in flight, a batch to a new topic can stay out of order forever (KAFKA-15591).
                Map.of(
                        "bootstrap.servers",
                        servers(),
                        "batch.size",
                        50_000,
                        "max.in.flight.requests.per.connection",
                        1),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            for (int n = 0; n < 600; n++) {
                byte[] value = new byte[random.nextInt(20_000)];
                random.nextBytes(value);
                var unused = producer.send(new ProducerRecord<>(topic, n % 3, 1_000L + n, null, value));
            }
        }
        for (String bytes : List.of("100000", "250000", "1000000")) {
            try (TwoReaders these =
                    new TwoReaders(servers(), Map.of("max.partition.fetch.bytes", bytes, "fetch.max.bytes", bytes))) {
                these.readAlike("seed " + SEED + ", " + bytes + " bytes a response", topic, whole(topic, 3));
            }
        }
    }

    @Test
    void theTimeOfTheBrokerIsReadAlike() throws Exception {
        String topic = topic(1, Map.of("message.timestamp.type", "LogAppendTime"));
        try (RandomLog log = new RandomLog(servers(), topic, 1, SEED, 100)) {
            log.write(20);
            log.settle();
        }
        Outcome read = readers.readAlike("seed " + SEED, topic, whole(topic, 1));
        assertThat(read.of(0)).allSatisfy(each -> assertThat(each.timestamp()).isGreaterThan(1_750_000_000_000L));
    }

    @Test
    void aRangeOfNothingButAbortedRecordsIsDoneWithoutARecord() throws Exception {
        String topic = topic(1, Map.of());
        try (var producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", servers(), "transactional.id", topic),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            producer.initTransactions();
            for (int i = 0; i < 3; i++) {
                producer.beginTransaction();
                producer.send(new ProducerRecord<>(topic, 0, null, new byte[3])).get();
                producer.abortTransaction();
            }
        }
        List<PartitionRange> whole = whole(topic, 1);
        Outcome read = readers.readAlike("aborted", topic, whole);
        assertThat(read.records()).isEmpty();
        assertThat(read.reads())
                .containsExactly(new Read(whole.get(0), 0, whole.get(0).length(), -1, 0));
    }

    @Test
    void emptyRangesNeedNoBroker() throws Exception {
        String topic = topic(2, Map.of());
        Outcome read =
                readers.readAlike("nothing", topic, List.of(new PartitionRange(0, 0, 0), new PartitionRange(1, 5, 5)));
        assertThat(read.reads())
                .containsExactly(
                        new Read(new PartitionRange(0, 0, 0), -1, 0, -1, -1),
                        new Read(new PartitionRange(1, 5, 5), -1, 0, -1, -1));
        readers.readAlike("no range", topic, List.of());
    }

    @Test
    void anEmptyRangeBesideOthersStaysEmpty() throws Exception {
        String topic = topic(2, Map.of());
        send(topic, 0, 0, 30);
        send(topic, 1, 0, 30);
        Outcome read = readers.readAlike(
                "one empty", topic, List.of(new PartitionRange(0, 7, 7), new PartitionRange(1, 5, 25)));
        assertThat(read.of(0)).isEmpty();
        assertThat(read.of(1)).hasSize(20);
    }

    @Test
    void aConnectionReadsAsSoonAsItKnowsTheLeader() throws Exception {
        String topic = topic(1, Map.of());
        send(topic, 0, 0, 10);
        ReadRanges ranges = new ReadRanges(topic, List.of(new PartitionRange(0, 0, 10)));
        long never = Duration.ofHours(1).toMillis();
        try (var connection = new FetchConnection(readers.clients().fetchConfig(), topic, ranges, never)) {
            List<FetchConnection.Fetched> arrived = new ArrayList<>();
            while (arrived.isEmpty()) {
                connection.requestMore();
                connection.poll(Duration.ofMillis(500), arrived);
            }
            assertThat(arrived).hasSize(1);
        }
    }

    @Test
    void holesOfCompactionAreReadAlike() throws Exception {
        String topic = topic(
                1,
                Map.of(
                        "cleanup.policy", "compact",
                        "segment.ms", "100",
                        "segment.bytes", "1048576",
                        "min.cleanable.dirty.ratio", "0.001",
                        "min.compaction.lag.ms", "0",
                        "delete.retention.ms", "0"));
        List<PartitionRange> whole;
        try (var producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", servers(), "transactional.id", topic, "compression.type", "lz4"),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            producer.initTransactions();
            long deadline = System.nanoTime() + 60_000_000_000L;
            // Until compaction has left gaps: few keys, many times, some of them deleted, some transactions aborted.
            for (int i = 0; ; i++) {
                producer.beginTransaction();
                for (int n = 0; n < 20; n++) {
                    byte[] key = ("key-" + (i * n) % 50).getBytes(StandardCharsets.UTF_8);
                    var unused = producer.send(new ProducerRecord<>(
                            topic, 0, key, n % 7 == 0 ? null : ("v" + i).getBytes(StandardCharsets.UTF_8)));
                }
                if (i % 4 == 3) {
                    producer.abortTransaction();
                } else {
                    producer.commitTransaction();
                }
                whole = whole(topic, 1);
                if (i % 10 == 9) {
                    List<Seen> left =
                            readers.read(ReaderKind.CONSUMER, topic, whole).of(0);
                    if (left.size() < i * 15 / 2) {
                        break;
                    }
                }
                assertThat(System.nanoTime()).as("the broker compacts in time").isLessThan(deadline);
            }
        }
        long end = whole.get(0).to();
        for (long from = 0; from < end; from += 1 + end / 10) {
            assertReadAlikeWhileItIsCompacted(topic, new PartitionRange(0, from, end));
            assertReadAlikeWhileItIsCompacted(topic, new PartitionRange(0, 0, from));
        }
    }

    private static void assertReadAlikeWhileItIsCompacted(String topic, PartitionRange range) {
        while (true) {
            Outcome before = readers.read(ReaderKind.CONSUMER, topic, List.of(range));
            Outcome found = readers.read(ReaderKind.FETCH, topic, List.of(range));
            if (readers.read(ReaderKind.CONSUMER, topic, List.of(range)).equals(before)) {
                TwoReaders.assertSame(range.toString(), before, found);
                return;
            }
        }
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
        try (var producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", servers(), "transactional.id", topic),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
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
                        (partition, offset, timestamp, bytes, key, keyLength, value, valueLength) -> {
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
