package io.tidemark.cli;

import io.tidemark.settings.KafkaSettings;
import io.tidemark.state.PartitionProgress;
import io.tidemark.state.ProgressCodec;
import io.tidemark.state.StateKeys;
import io.tidemark.state.UnreadableProgressException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/** Compares the progress of jobs, which is in their state topics, with the ends of their inputs. */
final class LagReader implements AutoCloseable {
    /** The last two offsets of a state partition are usually a progress record and the commit marker of its transaction. */
    private static final long FIRST_BACK = 2;

    /** What the consumer has fetched of a partition is kept until it reads others: this bounds the memory. */
    private static final int PARTITIONS_AT_ONCE = 200;

    private static final String BYTES_OF_PARTITION = "65536";
    private static final Duration POLL = Duration.ofMillis(500);

    /** How long the brokers may send nothing before what is missing counts as unknown. */
    private static final Duration SILENCE = Duration.ofSeconds(15);

    private final Topics topics;
    private final Consumer<byte[], byte[]> committed;
    private final Consumer<byte[], byte[]> all;

    LagReader(KafkaSettings settings) {
        topics = new Topics(settings);
        committed = OutputReader.committed(settings);
        Map<String, Object> plain = settings.consumer();
        plain.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_uncommitted");
        plain.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        plain.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
        plain.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, BYTES_OF_PARTITION);
        plain.putIfAbsent(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, OutputReader.FETCH_WAIT);
        all = settings.client(
                () -> new KafkaConsumer<>(plain, new ByteArrayDeserializer(), new ByteArrayDeserializer()));
    }

    /**
     * What a job has not read yet.
     *
     * @param input the input topic; empty if the job has neither a file nor progress
     * @param partitions the partitions of the input; none if it does not exist
     * @param lastBatch when the last batch was written; null for never
     */
    record Lag(
            String job,
            String stateTopic,
            String input,
            List<Partition> partitions,
            @Nullable Instant lastBatch) {

        long sum(ToLongFunction<Partition> of) {
            return partitions.stream().mapToLong(of).sum();
        }

        /** Returns the time of the oldest unread record; null if there is none, or if it is not known. */
        @Nullable
        Instant oldest() {
            return partitions.stream()
                    .map(Partition::oldest)
                    .filter(Objects::nonNull)
                    .min(Comparator.naturalOrder())
                    .orElse(null);
        }

        boolean hasProgress() {
            return partitions.stream().anyMatch(Partition::known);
        }
    }

    /**
     * One partition of an input.
     *
     * @param known whether the job has progress there; if not, it counts as read up to the log's start
     * @param next the next offset to read
     * @param end the end of the log, as lag tools of Kafka count it
     * @param lost offsets that retention removed before they were read
     * @param oldest the time of the oldest unread record; null if there is none, or if it is not known
     */
    record Partition(
            int number,
            boolean known,
            long next,
            long end,
            long lost,
            @Nullable Instant oldest) {
        long unread() {
            return Math.max(0, end - next);
        }
    }

    Set<String> topics() {
        return topics.names();
    }

    /**
     * Returns the lag of a job.
     *
     * @param input the input topic, or null for the one in the job's progress
     * @throws CliException if the progress cannot be read
     */
    Lag read(String job, String stateTopic, @Nullable String input) {
        Map<Integer, PartitionProgress> progress = progress(stateTopic);
        String topic = input != null
                ? input
                : progress.values().stream()
                        .map(each -> each.meaning().path("input").path("topic").asText())
                        .findFirst()
                        .orElse("");
        Optional<Integer> partitions = topic.isEmpty() ? Optional.empty() : topics.partitions(topic);
        List<TopicPartition> places = places(topic, partitions.orElse(0));
        Map<TopicPartition, Long> begins = all.beginningOffsets(places);
        Map<TopicPartition, Long> ends = all.endOffsets(places);
        Map<TopicPartition, Long> unread = new HashMap<>();
        List<Partition> found = new ArrayList<>();
        for (TopicPartition each : places) {
            PartitionProgress known = progress.get(each.partition());
            long begin = begins.getOrDefault(each, 0L);
            long end = ends.getOrDefault(each, 0L);
            long through = known == null ? begin : known.through();
            long next = Math.max(begin, through);
            found.add(new Partition(each.partition(), known != null, next, end, next - through, null));
            if (next < end) {
                unread.put(each, next);
            }
        }
        Map<Integer, Instant> times = firstTimes(unread, ends);
        return new Lag(
                job,
                stateTopic,
                topic,
                found.stream()
                        .map(each -> new Partition(
                                each.number(),
                                each.known(),
                                each.next(),
                                each.end(),
                                each.lost(),
                                times.get(each.number())))
                        .toList(),
                progress.values().stream()
                        .map(PartitionProgress::last)
                        .filter(Objects::nonNull)
                        .map(each -> Instant.ofEpochMilli(each.at()))
                        .max(Comparator.naturalOrder())
                        .orElse(null));
    }

    private static List<TopicPartition> places(String topic, int partitions) {
        return IntStream.range(0, partitions)
                .mapToObj(each -> new TopicPartition(topic, each))
                .toList();
    }

    /** Reads the last progress record of each partition of a state topic, up to its last stable offset. */
    private Map<Integer, PartitionProgress> progress(String stateTopic) {
        Map<Integer, PartitionProgress> found = new HashMap<>();
        List<TopicPartition> places =
                places(stateTopic, topics.partitions(stateTopic).orElse(0));
        Map<TopicPartition, Long> begins = committed.beginningOffsets(places);
        Map<TopicPartition, Long> ends = committed.endOffsets(places);
        Set<TopicPartition> open = new HashSet<>(places);
        open.removeIf(each -> Objects.equals(begins.get(each), ends.get(each)));
        for (long back = FIRST_BACK; !open.isEmpty(); back *= 4) {
            Map<TopicPartition, Long> froms = new HashMap<>();
            for (TopicPartition each : open) {
                froms.put(each, Math.max(begins.getOrDefault(each, 0L), ends.getOrDefault(each, 0L) - back));
            }
            read(committed, froms, ends, record -> {
                if (record.key() != null && StateKeys.isProgress(record.key()) && record.value() != null) {
                    found.put(record.partition(), decode(record));
                }
                return false;
            });
            open.removeIf(
                    each -> found.containsKey(each.partition()) || Objects.equals(froms.get(each), begins.get(each)));
        }
        return found;
    }

    private static PartitionProgress decode(ConsumerRecord<byte[], byte[]> progress) {
        try {
            return ProgressCodec.decodeWithoutChunks(progress.value());
        } catch (UnreadableProgressException e) {
            throw CliException.failed("the progress record in " + progress.topic() + "[" + progress.partition()
                    + "] at offset " + progress.offset() + " " + e.getMessage());
        }
    }

    /** Returns the times of the first records at or after these offsets; partitions that have only markers are left out. */
    private Map<Integer, Instant> firstTimes(Map<TopicPartition, Long> froms, Map<TopicPartition, Long> ends) {
        Map<Integer, Instant> times = new HashMap<>();
        read(all, froms, ends, record -> {
            times.putIfAbsent(record.partition(), Instant.ofEpochMilli(record.timestamp()));
            return true;
        });
        return times;
    }

    /** Takes records, and returns whether it needs no more of the partition. */
    @FunctionalInterface
    private interface Taker {
        boolean enough(ConsumerRecord<byte[], byte[]> record);
    }

    private static void read(
            Consumer<byte[], byte[]> consumer,
            Map<TopicPartition, Long> froms,
            Map<TopicPartition, Long> ends,
            Taker taker) {
        List<TopicPartition> places = List.copyOf(froms.keySet());
        for (int i = 0; i < places.size(); i += PARTITIONS_AT_ONCE) {
            readSome(consumer, places.subList(i, Math.min(places.size(), i + PARTITIONS_AT_ONCE)), froms, ends, taker);
        }
    }

    private static void readSome(
            Consumer<byte[], byte[]> consumer,
            Collection<TopicPartition> some,
            Map<TopicPartition, Long> froms,
            Map<TopicPartition, Long> ends,
            Taker taker) {
        Set<TopicPartition> open = new HashSet<>(some);
        consumer.assign(open);
        consumer.resume(open);
        open.forEach(each -> consumer.seek(each, froms.getOrDefault(each, 0L)));
        long heard = System.nanoTime();
        while (!open.isEmpty()) {
            var records = consumer.poll(POLL);
            Set<TopicPartition> done = new HashSet<>();
            for (ConsumerRecord<byte[], byte[]> each : records) {
                TopicPartition place = new TopicPartition(each.topic(), each.partition());
                if (each.offset() < ends.getOrDefault(place, 0L) && taker.enough(each)) {
                    done.add(place);
                }
            }
            for (TopicPartition each : open) {
                // Transaction markers take offsets too, and are never returned.
                if (consumer.position(each) >= ends.getOrDefault(each, 0L)) {
                    done.add(each);
                }
            }
            open.removeAll(done);
            consumer.pause(done);
            if (!records.nextOffsets().isEmpty()) {
                heard = System.nanoTime();
            } else if (System.nanoTime() - heard > SILENCE.toNanos()) {
                return;
            }
        }
    }

    @Override
    public void close() {
        topics.close();
        committed.close();
        all.close();
    }
}
