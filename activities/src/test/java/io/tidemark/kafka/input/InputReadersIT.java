package io.tidemark.kafka.input;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.embedded.Producers;
import io.tidemark.fold.InputRecord;
import io.tidemark.kafka.client.KafkaObserver;
import io.tidemark.kafka.client.ReaderKind;
import io.tidemark.kafka.input.InputReader.Read;
import io.tidemark.kafka.input.TwoReaders.Outcome;
import io.tidemark.kafka.input.TwoReaders.Seen;
import io.tidemark.run.PartitionRange;
import io.tidemark.testkit.FaultyProxy;
import io.tidemark.testkit.SharedBroker;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.kafka.clients.producer.ProducerRecord;
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
class InputReadersIT extends TwoReadersBase {
    private static final long SEED = Long.getLong("tidemark.seed", System.nanoTime());

    private static final List<Map<String, String>> SETTINGS = List.of(
            Map.of(),
            // At most one batch per response, so that most batches are larger than the request.
            Map.of("max.partition.fetch.bytes", "1024", "fetch.max.bytes", "4096", "max.poll.records", "7"),
            Map.of("max.partition.fetch.bytes", "1", "max.poll.records", "1000"),
            Map.of("max.partition.fetch.bytes", "70000", "fetch.max.bytes", "100000", "receive.buffer.bytes", "4096"));

    @BeforeAll
    static void tellTheSeed() {
        System.out.printf("InputReadersIT: seed %d; again: -Dit.test=InputReadersIT -Dtidemark.seed=%<d%n", SEED);
    }

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
        try (var producer = Producers.ofBytes(Map.of("bootstrap.servers", servers(), "batch.size", 50_000))) {
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
        try (var producer = Producers.ofBytes(Map.of("bootstrap.servers", servers(), "transactional.id", topic))) {
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
        try (var connection = new FetchConnection(
                readers.clients().fetchConfig(), topic, readers.clients()::fetchOfLeader, never, KafkaObserver.NONE)) {
            connection.begin(ranges);
            List<FetchConnection.Fetched> arrived = new ArrayList<>();
            while (arrived.isEmpty()) {
                connection.requestMore();
                connection.poll(Duration.ofMillis(500), arrived);
            }
            assertThat(arrived).hasSize(1);
        }
    }

    @ParameterizedTest
    @EnumSource(ReaderKind.class)
    void aRecordBeyondTheHandlersLimitIsPassedOver(ReaderKind kind) throws Exception {
        String topic = topic(1, Map.of());
        try (var producer = Producers.ofBytes(
                Map.of("bootstrap.servers", servers(), "compression.type", "zstd", "max.request.size", 3_000_000))) {
            for (int size : List.of(10, 2_000_000, 20)) {
                producer.send(new ProducerRecord<>(topic, 0, 5L, null, new byte[size]));
            }
        }
        List<String> seen = new ArrayList<>();
        RecordHandler handler = new RecordHandler() {
            @Override
            public void record(InputRecord record) {
                seen.add(record.offset() + ": " + record.valueLength());
            }

            @Override
            public int maxBytes() {
                return 1_000_000;
            }

            @Override
            public void tooLarge(int partition, long offset, long time, long bytes) {
                seen.add(offset + ": too large, " + bytes / 1_000 + " kB at " + time);
            }
        };

        List<Read> reads = InputReader.of(readers.clients(), kind, System::nanoTime)
                .read(topic, List.of(new PartitionRange(0, 0, 3)), TwoReaders.ENOUGH, handler, remaining -> {});

        assertThat(seen).containsExactly("0: 10", "1: too large, 2000 kB at 5", "2: 20");
        assertThat(reads.get(0).range()).isEqualTo(new PartitionRange(0, 0, 3));
    }

    @Test
    void oneReadAfterAnotherNeedsNoNewConnectionUnlessTheFirstFailed() throws Exception {
        String topic = topic(2, Map.of());
        send(topic, 0, 0, 30);
        send(topic, 1, 0, 30);
        FaultyProxy proxy = SharedBroker.proxy(0);
        List<PartitionRange> ranges = whole(topic, 2);
        try (TwoReaders proxied = new TwoReaders(proxy.address(), Map.of())) {
            assertThat(proxied.read(ReaderKind.FETCH, topic, ranges).failure()).isNull();
            int connections = proxy.connections();

            for (int i = 0; i < 5; i++) {
                Outcome again = proxied.read(ReaderKind.FETCH, topic, ranges);
                assertThat(again.of(0)).hasSize(30);
                assertThat(again.of(1)).hasSize(30);
            }
            assertThat(proxy.connections()).isEqualTo(connections);

            RuntimeException stop = new IllegalStateException("stop");
            assertThat(proxied.read(ReaderKind.FETCH, topic, ranges, TwoReaders.ENOUGH, between -> {
                                throw stop;
                            })
                            .failure())
                    .isSameAs(stop);
            assertThat(proxied.read(ReaderKind.FETCH, topic, ranges).failure()).isNull();
            assertThat(proxy.connections())
                    .as("the state of the first connection was unknown")
                    .isGreaterThan(connections);
        }
    }

    @Test
    void aClientWithoutTheClassesOfTheFastReaderReadsWithAConsumer() throws Exception {
        String topic = topic(1, Map.of());
        send(topic, 0, 0, 30);
        try (TwoReaders own = new TwoReaders(servers(), Map.of())) {
            Map<Integer, List<Seen>> records = new TreeMap<>();
            InputReader reader = new FallbackReader(
                    own.clients(),
                    () -> {
                        throw new NoClassDefFoundError("org/apache/kafka/common/record/internal/MemoryRecords");
                    },
                    System::nanoTime);

            reader.read(
                    topic,
                    List.of(new PartitionRange(0, 5, 30)),
                    TwoReaders.ENOUGH,
                    TwoReaders.collector(records),
                    remaining -> {});

            assertThat(records.get(0)).hasSize(25);
            assertThat(own.clients().reader()).as("the reader of the next read").isEqualTo(ReaderKind.CONSUMER);
        }
    }

    @Test
    void aConsumerLearnsWhereTheLogBeginsWhileItsNextFetchIsHeldBack() throws Exception {
        String topic = topic(1, Map.of());
        send(topic, 0, 0, 30);
        // Longer than the reader waits for the answer.
        try (TwoReaders patient = new TwoReaders(servers(), Map.of("fetch.max.wait.ms", "10000"))) {
            Outcome read = patient.read(ReaderKind.CONSUMER, topic, whole(topic, 1));

            assertThat(read.reads()).extracting(Read::logStart).containsExactly(0L);
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
        try (var producer = Producers.ofBytes(
                Map.of("bootstrap.servers", servers(), "transactional.id", topic, "compression.type", "lz4"))) {
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
}
