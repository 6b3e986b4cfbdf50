package io.tidemark.kafka.input;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.tidemark.aggregate.CellLayout;
import io.tidemark.aggregate.CellTable;
import io.tidemark.aggregate.GroupKey;
import io.tidemark.aggregate.GroupValue;
import io.tidemark.embedded.Producers;
import io.tidemark.fold.InputRecord;
import io.tidemark.fold.JobFolder;
import io.tidemark.job.JobCodec;
import io.tidemark.job.JobSpec;
import io.tidemark.json.MalformedRecordException;
import io.tidemark.kafka.client.ReaderKind;
import io.tidemark.part.LimitException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random records with keys and headers make the same groups through each reader: those that a program in Java makes. */
@Timeout(120)
class FoldedFieldsIT extends TwoReadersBase {
    private static final int PARTITIONS = 3;
    private static final String JOB = """
            {"name": "fields", "input": {"topic": "%s", "timestamp": "record"}, "window": "none",
             "where": "offset() >= 3 && (!has(header(\\"skip\\")) || partition() == 0)",
             "groupBy": [{"key": true, "as": "k", "absent": "no key"}, {"header": "tenant", "absent": "no tenant"},
                         {"meta": "partition"}, {"path": "site", "absent": 0}],
             "aggregate": {"n": "count"}, "output": {"topic": "out"}}
            """;

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Folds all that it is handed. */
    private static final class Folding implements RecordHandler {
        private final JobFolder folder;
        private final CellTable table;
        private final boolean needsHeaders;

        Folding(JobSpec job) {
            folder = new JobFolder(job);
            table = new CellTable(CellLayout.of(job), 10_000);
            needsHeaders = job.readsHeaders();
        }

        @Override
        public void record(InputRecord record) {
            try {
                folder.fold(table, null, record);
            } catch (MalformedRecordException | LimitException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public boolean needsHeaders() {
            return needsHeaders;
        }

        Map<String, Long> groups() {
            Map<String, Long> groups = new TreeMap<>();
            for (int slot = 0; slot < table.size(); slot++) {
                groups.put(
                        GroupKey.values(table.key(slot)).stream()
                                .map(GroupValue::plain)
                                .collect(Collectors.joining("|")),
                        table.count(slot));
            }
            return groups;
        }
    }

    /** Sends records, and returns the groups that they must make. */
    private static Map<String, Long> send(String topic, Random random) {
        Map<String, Long> expected = new TreeMap<>();
        try (var producer =
                Producers.ofBytes(Map.of("bootstrap.servers", servers(), "linger.ms", 100, "batch.size", 1 << 14))) {
            for (int partition = 0; partition < PARTITIONS; partition++) {
                for (int offset = 0; offset < 500; offset++) {
                    String key =
                            random.nextInt(9) == 0 ? null : random.nextInt(9) == 0 ? "" : "dev-é-" + random.nextInt(3);
                    String site = random.nextInt(3) == 0 ? null : "site " + random.nextInt(2);
                    String value = "{\"pad\":\"" + "x".repeat(random.nextInt(200)) + "\""
                            + (site == null
                                    ? random.nextBoolean() ? ",\"site\":null" : ""
                                    : ",\"site\":\"" + site + "\"")
                            + "}";
                    ProducerRecord<byte[], byte[]> record =
                            new ProducerRecord<>(topic, partition, key == null ? null : utf8(key), utf8(value));
                    String tenant = null;
                    for (int i = random.nextInt(4); i > 0; i--) {
                        tenant = random.nextInt(6) == 0 ? null : "ten \"" + "t".repeat(random.nextInt(100));
                        record.headers()
                                .add("other" + i, new byte[random.nextInt(90)])
                                .add("tenant", tenant == null ? null : utf8(tenant));
                    }
                    boolean skip = random.nextInt(5) == 0;
                    if (skip) {
                        record.headers().add("skip", null);
                    }
                    var unused = producer.send(record);
                    if (offset >= 3 && (!skip || partition == 0)) {
                        expected.merge(
                                String.join(
                                        "|",
                                        List.of(
                                                key == null ? "no key" : key,
                                                tenant == null ? "no tenant" : tenant,
                                                String.valueOf(partition),
                                                site == null ? "0" : site)),
                                1L,
                                Long::sum);
                    }
                }
            }
        }
        return expected;
    }

    @ParameterizedTest
    @ValueSource(strings = {"uncompressed", "zstd"})
    void bothReadersMakeTheSameGroups(String compression) throws Exception {
        String topic = topic(PARTITIONS, Map.of("compression.type", compression));
        Map<String, Long> expected = send(topic, new Random(7));
        JobSpec job = JobCodec.read(new ObjectMapper().readTree(String.format(JOB, topic)));

        for (ReaderKind kind : ReaderKind.values()) {
            Folding folding = new Folding(job);
            InputReader.of(readers.clients(), kind, System::nanoTime)
                    .read(topic, whole(topic, PARTITIONS), TwoReaders.ENOUGH, folding, remaining -> {});

            assertThat(folding.groups()).as("%s", kind).isEqualTo(expected);
        }
    }
}
