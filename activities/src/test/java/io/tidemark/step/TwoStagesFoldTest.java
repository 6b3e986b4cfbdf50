package io.tidemark.step;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.aggregate.CellLayout;
import io.tidemark.aggregate.CellTable;
import io.tidemark.aggregate.Memory;
import io.tidemark.fold.InputRecord;
import io.tidemark.fold.JobFolder;
import io.tidemark.job.JobFingerprint;
import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
import io.tidemark.kafka.transaction.FencingProducer;
import io.tidemark.kafka.transaction.UnsafeProducers;
import io.tidemark.row.KeyPartition;
import io.tidemark.row.RowEncoder;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.SliceRef;
import io.tidemark.run.StagedRange;
import io.tidemark.state.Mark;
import io.tidemark.state.PartitionProgress;
import io.tidemark.state.PlanIdentity;
import io.tidemark.state.RecordCounts;
import io.tidemark.testkit.JobJson;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Both stages of a job with rows over all partitions, without a broker: any division of records into partitions and batches, any
 * order of their partial totals, and any cut of these into batches and splits give the rows of one fold over all records, byte for
 * byte. The aggregates are those that do not depend on the order of sums.
 */
class TwoStagesFoldTest {
    private static final int OUTPUTS = 3;

    private static final String JOB = """
            input: { topic: 'in', timestamp: { field: 'at', format: 'epochMillis' } },
            window: { every: 'hour', zone: 'UTC' }, groupBy: ['g'],
            aggregate: {
              n: 'count', big: { count: '*', where: 'd > 0' }, low: { min: 'd' }, high: { max: 'd' },
              sum: { sum: 'm', decimal: 2, absent: 'skip' }, mean: { mean: 'm', decimal: 2, absent: 'skip' },
              whole: { sum: 'i', integer: true }, first: { first: 'u' }, last: { last: 'u' },
              users: { distinct: 'u' }, about: { distinct: 'u', method: 'approximate', precision: 8 },
              largest: { largest: 'i', k: 3, integer: true }, smallest: { smallest: 'd', k: 2 } },""";

    private static final JobSpec WHOLE = JobJson.job("{" + JOB + " output: { topic: 'out' } }");

    private static final JobSpec RECORDS =
            JobJson.job("{" + JOB + " scope: 'topic', output: { topic: 'out', partitions: " + OUTPUTS + " } }");

    private final MockProducer<byte[], byte[]> kafka =
            new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());

    private final FencingProducer producer = UnsafeProducers.of(kafka);

    @Property(tries = 200)
    void anyDivisionAndAnyOrderGiveTheRowsOfOneFold(@ForAll long seed) throws Exception {
        Random random = new Random(seed);
        List<List<InputRecord>> partitions = partitions(random, random.nextInt(120));

        Map<String, String> rows = new TreeMap<>();
        List<List<ProducerRecord<byte[], byte[]>>> partials = partials(partitions, random);
        for (int output = 0; output < OUTPUTS; output++) {
            rows.putAll(rows(output, partials.get(output), random));
        }

        assertThat(rows).isEqualTo(rowsOfOneFold(partitions));
    }

    /** Random records, divided among one to five input partitions. */
    private static List<List<InputRecord>> partitions(Random random, int count) {
        List<List<InputRecord>> partitions = new ArrayList<>();
        IntStream.rangeClosed(0, random.nextInt(5)).forEach(each -> partitions.add(new ArrayList<>()));
        for (int i = 0; i < count; i++) {
            int partition = random.nextInt(partitions.size());
            String amount = random.nextInt(4) == 0
                    ? ""
                    : ",\"m\":" + (random.nextInt(200_000) - 100_000) / 100 + "." + random.nextInt(10)
                            + random.nextInt(10);
            long whole = random.nextInt(3) == 0 ? random.nextLong() : random.nextInt(5);
            byte[] value = ("{\"at\":" + random.nextInt(10_800_000) / 60_000 * 60_000 + ",\"g\":" + random.nextInt(6)
                            + ",\"d\":" + (random.nextInt(2_000) - 500) / 4.0 + ",\"i\":" + whole + ",\"u\":\"u"
                            + random.nextInt(12) + "\"" + amount + "}")
                    .getBytes(StandardCharsets.UTF_8);
            InputRecord record = new InputRecord();
            record.setPlace(partition, partitions.get(partition).size(), 0);
            record.setContent(value, 0, InputRecord.NULL, 0, value.length);
            partitions.get(partition).add(record);
        }
        return partitions;
    }

    private static Map<String, String> rowsOfOneFold(List<List<InputRecord>> partitions) throws Exception {
        CellTable all = folded(WHOLE, partitions.stream().flatMap(List::stream).toList());
        RowEncoder encoder = new RowEncoder(WHOLE);
        Map<String, String> rows = new TreeMap<>();
        for (int slot : all.sortedSlots()) {
            rows.put(text(encoder.key(all, slot)), text(encoder.value(all, slot)));
        }
        return rows;
    }

    private static CellTable folded(JobSpec job, List<InputRecord> records) throws Exception {
        CellTable cells = new CellTable(CellLayout.of(job), 1_000);
        JobFolder folder = new JobFolder(job);
        for (InputRecord each : records) {
            folder.fold(cells, null, each);
        }
        return cells;
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** Runs the stage of records. Returns the partial totals by output partition. */
    private List<List<ProducerRecord<byte[], byte[]>>> partials(List<List<InputRecord>> partitions, Random random)
            throws Exception {
        PlanIdentity identity = new PlanIdentity(JobFingerprint.of(RECORDS).hash(), 1, "in", "partials", "state");
        SliceRef slice = new SliceRef(RECORDS, "run", identity, 0);
        List<List<ProducerRecord<byte[], byte[]>>> partials = new ArrayList<>();
        IntStream.range(0, OUTPUTS).forEach(each -> partials.add(new ArrayList<>()));
        // The topic is that of all tries.
        int begin = kafka.history().size();
        for (int partition = 0; partition < partitions.size(); partition++) {
            PartitionProgress progress = PartitionProgress.registered(
                            identity, JobFingerprint.of(RECORDS).meaning(), 1, 0)
                    .writing(Collections.nCopies(OUTPUTS, 0L), Mark.NOTHING_CLOSED);
            List<InputRecord> records = partitions.get(partition);
            for (int from = 0; from < records.size(); ) {
                int to = Math.min(records.size(), from + 1 + random.nextInt(30));
                PartialsMaker maker = new PartialsMaker(slice, Memory.UNBOUNDED);
                maker.add(staged(partition, from, to), progress, folded(RECORDS, records.subList(from, to)));
                assertThat(maker.refused()).isEmpty();
                BatchUpdate update = requireNonNull(maker.finish().get(partition));
                update.sendTo(producer);
                update.sentAt(producer.flush());
                progress = update.progress();
                from = to;
            }
        }
        List<ProducerRecord<byte[], byte[]>> sent = kafka.history();
        for (ProducerRecord<byte[], byte[]> each : sent.subList(begin, sent.size())) {
            assertThat(each.topic()).isEqualTo(JobNames.partialsTopic(RECORDS));
            partials.get(each.partition()).add(each);
        }
        return partials;
    }

    private static StagedRange staged(int partition, int from, int to) {
        return new StagedRange(
                new PartitionRange(partition, from, to), RecordCounts.folded(to - from, 0), 5, -1, -1, null);
    }

    /** Runs the stage of totals for an output partition. Returns its rows as they are after the last batch. */
    private static Map<String, String> rows(int output, List<ProducerRecord<byte[], byte[]>> partials, Random random)
            throws Exception {
        JobSpec job = RECORDS.totals();
        StateInMemory state = new StateInMemory(job);
        Collections.shuffle(partials, random);
        Map<String, String> rows = new TreeMap<>();
        for (int from = 0; from < partials.size(); ) {
            int to = Math.min(partials.size(), from + 1 + random.nextInt(8));
            CellTable batch = state.delta();
            for (int split = from; split < to; ) {
                int end = Math.min(to, split + 1 + random.nextInt(3));
                PartialFold fold = new PartialFold(job, new PartitionRange(output, split, end), state.delta());
                for (ProducerRecord<byte[], byte[]> each : partials.subList(split, end)) {
                    fold.record(record(output, split, each));
                }
                batch.mergeAll(fold.cells());
                split = end;
            }
            state.batch(batch, to - from, null, null);
            for (ProducerRecord<byte[], byte[]> row : state.rows()) {
                assertThat(KeyPartition.of(row.key(), OUTPUTS))
                        .as("the output partition of %s", text(row.key()))
                        .isEqualTo(output);
                rows.put(text(row.key()), text(row.value()));
            }
            from = to;
        }
        return rows;
    }

    private static InputRecord record(int output, int offset, ProducerRecord<byte[], byte[]> partial) {
        byte[] key = partial.key();
        byte[] value = partial.value();
        byte[] both = new byte[key.length + value.length];
        System.arraycopy(key, 0, both, 0, key.length);
        System.arraycopy(value, 0, both, key.length, value.length);
        InputRecord record = new InputRecord();
        record.setPlace(output, offset, 0);
        record.setContent(both, 0, key.length, key.length, value.length);
        return record;
    }
}
