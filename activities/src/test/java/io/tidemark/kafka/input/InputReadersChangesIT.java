package io.tidemark.kafka.input;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.embedded.EmbeddedKafka;
import io.tidemark.embedded.Producers;
import io.tidemark.kafka.client.ReaderKind;
import io.tidemark.kafka.input.InputReader.Read;
import io.tidemark.kafka.input.TwoReaders.Outcome;
import io.tidemark.kafka.input.TwoReaders.Seen;
import io.tidemark.run.FailureKind;
import io.tidemark.run.PartitionRange;
import io.tidemark.testkit.BrokerDisk;
import io.tidemark.testkit.LifecycleSuite;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.quota.ClientQuotaAlteration;
import org.apache.kafka.common.quota.ClientQuotaEntity;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Both readers on a broker that, in the middle of a read, fails, returns with another log, or throttles them. */
@LifecycleSuite
@Timeout(120)
class InputReadersChangesIT {
    static final int OLD = 1_000;
    /** Reads have passed this offset when something happens. */
    private static final int LATE = 200;

    private static final AtomicInteger NUMBER = new AtomicInteger();

    private static EmbeddedKafka kafka;

    @BeforeAll
    static void start() {
        kafka = EmbeddedKafka.builder()
                // The quota is measured over two windows of a second instead of eleven.
                .property("quota.window.num", "2")
                .start();
    }

    @AfterAll
    static void stop() {
        kafka.close();
    }

    /** The topic's name is new, so that the test can be repeated on the same broker. */
    private static String create(String name) throws Exception {
        String topic = name + "-" + NUMBER.incrementAndGet();
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
        }
        return topic;
    }

    /** Sends records of {@code bytes} bytes, in batches of ten, whose values begin with {@code word}. */
    private static void send(String topic, String word, int count, int bytes) {
        send(kafka.bootstrapServers(), topic, word, count, bytes);
    }

    static void send(String bootstrapServers, String topic, String word, int count, int bytes) {
        try (var producer = Producers.ofBytes(
                Map.of("bootstrap.servers", bootstrapServers, "linger.ms", 1_000, "batch.size", 1 << 20))) {
            for (int n = 0; n < count; n++) {
                ByteBuffer value = ByteBuffer.allocate(bytes).put(word.getBytes(StandardCharsets.UTF_8));
                var unused = producer.send(new ProducerRecord<>(topic, 0, 1_000L + n, null, value.array()));
                if (n % 10 == 9) {
                    producer.flush();
                }
            }
        }
    }

    private static String word(Seen record) {
        byte[] value = record.value().array();
        return new String(value, 0, 3, StandardCharsets.UTF_8);
    }

    private static TwoReaders small() {
        return small(kafka.bootstrapServers());
    }

    /** Returns readers with fetches that are small enough for events between them. */
    static TwoReaders small(String bootstrapServers) {
        return new TwoReaders(bootstrapServers, Map.of("max.partition.fetch.bytes", "500", "max.poll.records", "10"));
    }

    /** An event. */
    interface Action {
        void run() throws Exception;
    }

    /** Runs {@code action} once, after a read has passed offset {@link #LATE}. */
    static Consumer<List<PartitionRange>> late(Action action) {
        AtomicBoolean done = new AtomicBoolean();
        return remaining -> {
            if (!remaining.isEmpty() && remaining.get(0).from() >= LATE && !done.getAndSet(true)) {
                try {
                    action.run();
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
            }
        };
    }

    private static void restart() {
        kafka.stop();
        kafka.start();
    }

    @Test
    void aBrokerThatIsRestartedInTheMiddleOfAReadIsReadOn() throws Exception {
        String topic = create("restarted");
        send(topic, "old", OLD, 20);
        List<PartitionRange> range = List.of(new PartitionRange(0, 0, OLD));
        try (TwoReaders readers = small()) {
            for (ReaderKind kind : ReaderKind.values()) {
                Outcome read =
                        readers.read(kind, topic, range, TwoReaders.ENOUGH, late(InputReadersChangesIT::restart));
                assertThat(read.failure()).as("%s", kind).isNull();
                assertUnbroken(read.of(0), OLD);
                assertThat(read.reads()).extracting(Read::range).isEqualTo(range);
            }
        }
        // Records of another leader now follow the old ones.
        send(topic, "new", 50, 20);
        try (TwoReaders readers = new TwoReaders(kafka.bootstrapServers(), Map.of())) {
            int before = readers.readAlike("old records", topic, range)
                    .reads()
                    .get(0)
                    .leaderEpoch();
            int after = readers.readAlike("all records", topic, List.of(new PartitionRange(0, 0, OLD + 50)))
                    .reads()
                    .get(0)
                    .leaderEpoch();
            assertThat(after).isGreaterThan(before);
        }
    }

    static void assertUnbroken(List<Seen> records, int count) {
        assertThat(records).hasSize(count);
        for (int i = 0; i < count; i++) {
            assertThat(records.get(i).offset()).isEqualTo(i);
            assertThat(word(records.get(i))).isEqualTo("old");
        }
    }

    @ParameterizedTest
    @EnumSource(ReaderKind.class)
    void aBrokerThatStaysAwayLeavesAnUnbrokenPrefix(ReaderKind kind) throws Exception {
        String topic = create("away-" + kind);
        send(topic, "old", OLD, 20);
        AtomicLong now = new AtomicLong();
        try (TwoReaders readers = small()) {
            Consumer<List<PartitionRange>> stop = late(kafka::stop);
            Outcome read = readers.read(
                    kind, now::get, topic, List.of(new PartitionRange(0, 0, OLD)), Duration.ofHours(1), remaining -> {
                        stop.accept(remaining);
                        if (!kafka.isRunning()) {
                            now.addAndGet(Duration.ofMinutes(20).toNanos());
                        }
                    });
            assertThat(read.failure()).isNull();
            long to = read.reads().get(0).range().to();
            assertThat(to).isBetween((long) LATE, (long) OLD - 1);
            assertUnbroken(read.of(0), (int) to);
        } finally {
            kafka.start();
        }
    }

    @ParameterizedTest
    @CsvSource({"CONSUMER, 50", "FETCH, 50", "CONSUMER, 2000", "FETCH, 2000"})
    void aLogThatLostItsTailIsNotReadOn(ReaderKind kind, int newRecords) throws Exception {
        String topic = create("cut-" + kind + "-" + newRecords);
        send(topic, "old", OLD, 20);
        try (TwoReaders readers = small()) {
            // The log has another history from offset 50 on. It ends before the reader's position or is longer than
            // before.
            Outcome read =
                    readers.read(kind, topic, List.of(new PartitionRange(0, 0, OLD)), TwoReaders.ENOUGH, late(() -> {
                        kafka.stop();
                        BrokerDisk.cut(kafka, topic, 0, 50);
                        kafka.start();
                        send(topic, "new", newRecords, 20);
                    }));

            assertThat(read.problem().kind()).as("%s", read.failure()).isEqualTo(FailureKind.TRUNCATED);
            assertThat(read.problem()).hasMessageContainingAll(topic + "[0]", "since offset 50");
            assertThat(read.of(0)).hasSizeGreaterThanOrEqualTo(LATE);
            assertUnbroken(read.of(0), read.of(0).size());
        }
    }

    @ParameterizedTest
    @EnumSource(ReaderKind.class)
    void aDamagedBatchIsNamedAndNotReadOver(ReaderKind kind) throws Exception {
        String topic = create("damaged-" + kind);
        send(topic, "old", OLD, 20);
        kafka.stop();
        BrokerDisk.damage(kafka, topic, 0, 500);
        kafka.start();
        try (TwoReaders readers = small()) {
            Outcome read = readers.read(
                    kind, topic, List.of(new PartitionRange(0, 0, OLD)), TwoReaders.ENOUGH, remaining -> {});

            assertThat(read.problem().kind()).as("%s", read.failure()).isEqualTo(FailureKind.INPUT_DAMAGED);
            assertThat(read.problem()).hasMessageContainingAll(topic + "-0", "at", "offset 500", "dataLoss: continue");
            assertUnbroken(read.of(0), 500);
        }
    }

    @Test
    void readersThatAreHeldBackReadTheSame() throws Exception {
        String topic = create("throttled");
        send(topic, "old", 1_200, 1_000);
        ClientQuotaEntity input = new ClientQuotaEntity(Map.of(ClientQuotaEntity.CLIENT_ID, "tidemark-input"));
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()));
                TwoReaders readers =
                        new TwoReaders(kafka.bootstrapServers(), Map.of("max.partition.fetch.bytes", "200000"))) {
            admin.alterClientQuotas(List.of(new ClientQuotaAlteration(
                            input, List.of(new ClientQuotaAlteration.Op("consumer_byte_rate", 1_000_000.0)))))
                    .all()
                    .get();
            Outcome read = readers.readAlike(topic, topic, List.of(new PartitionRange(0, 0, 1_200)));
            assertUnbroken(read.of(0), 1_200);
            assertThat(throttled()).as("the broker held them back").isTrue();
            admin.alterClientQuotas(List.of(new ClientQuotaAlteration(
                            input, List.of(new ClientQuotaAlteration.Op("consumer_byte_rate", null)))))
                    .all()
                    .get();
        }
    }

    private static boolean throttled() throws JMException {
        MBeanServer beans = ManagementFactory.getPlatformMBeanServer();
        for (ObjectName each :
                beans.queryNames(new ObjectName("kafka.server:type=Fetch,client-id=tidemark-input,*"), null)) {
            if ((Double) beans.getAttribute(each, "throttle-time") > 0) {
                return true;
            }
        }
        return false;
    }
}
