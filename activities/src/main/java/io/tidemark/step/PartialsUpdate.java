package io.tidemark.step;

import io.tidemark.job.JobNames;
import io.tidemark.kafka.transaction.FencingProducer;
import io.tidemark.run.FailureKind;
import io.tidemark.run.SliceRef;
import io.tidemark.run.StagedRange;
import io.tidemark.run.TidemarkException;
import io.tidemark.state.PartitionProgress;
import io.tidemark.state.Windows;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The changes of one input partition's batch in the stage of records: its partial totals and its progress. */
final class PartialsUpdate implements BatchUpdate {
    private final SliceRef slice;
    private final StagedRange staged;
    private final PartitionProgress before;
    private final long watermark;
    private final long closedBefore;
    private final List<Partial> partials;
    private final List<Long> ends;
    private int first;

    /**
     * Some cells of one window, as a record.
     *
     * @param partition of the output
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Partial(int partition, byte[] key, byte[] value) {}

    PartialsUpdate(
            SliceRef slice,
            StagedRange staged,
            PartitionProgress before,
            long watermark,
            long closedBefore,
            List<Partial> partials) {
        this.slice = slice;
        this.staged = staged;
        this.before = before;
        this.watermark = watermark;
        this.closedBefore = closedBefore;
        this.partials = partials;
        // An output partition that the batch has nothing for keeps its end.
        this.ends = new ArrayList<>(before.partialsEnd());
    }

    @Override
    public StagedRange staged() {
        return staged;
    }

    @Override
    public long payload() {
        return partials.stream()
                .mapToLong(each -> each.key().length + each.value().length)
                .sum();
    }

    @Override
    public void sendTo(FencingProducer producer) {
        first = producer.sent();
        String topic = JobNames.partialsTopic(slice.job());
        for (Partial each : partials) {
            producer.send(topic, each.partition(), each.key(), each.value(), Map.of());
        }
    }

    /** @throws TidemarkException PARTIALS_LOST if partial totals that were written before are gone */
    @Override
    public void sentAt(List<Long> offsets) {
        for (int i = 0; i < partials.size(); i++) {
            int output = partials.get(i).partition();
            long offset = offsets.get(first + i);
            if (offset < before.partialsEnd().get(output)) {
                throw new TidemarkException(
                        FailureKind.PARTIALS_LOST,
                        JobNames.partialsTopic(slice.job()) + "[" + output + "] had partial totals up to offset "
                                + before.partialsEnd().get(output) + ", but ended at offset " + offset
                                + ": the topic has lost records. Was there an unclean leader election? To compute the"
                                + " totals again, give the job a new name and a new output.topic");
            }
            ends.set(output, offset + 1);
        }
    }

    @Override
    public PartitionProgress progress() {
        return new PartitionProgress(
                before.identity(),
                before.meaning(),
                before.partitionsPerSlice(),
                staged.range().to(),
                BatchUpdate.leaderEpoch(before, staged),
                0,
                0,
                new Windows(closedBefore, watermark, Windows.NO_TOTALS),
                BatchUpdate.batch(slice, before, staged, 0, 0, 0, -1),
                List.of(),
                ends);
    }
}
