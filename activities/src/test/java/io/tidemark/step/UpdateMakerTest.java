package io.tidemark.step;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.tidemark.aggregate.CellLayout;
import io.tidemark.aggregate.CellTable;
import io.tidemark.aggregate.GroupKey;
import io.tidemark.aggregate.Memory;
import io.tidemark.job.JobSpec;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.SliceRef;
import io.tidemark.run.StagedRange;
import io.tidemark.state.ChunkRef;
import io.tidemark.state.PartitionProgress;
import io.tidemark.state.PlanIdentity;
import io.tidemark.state.RecordCounts;
import io.tidemark.state.Windows;
import io.tidemark.testkit.JobJson;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class UpdateMakerTest {
    private static final long DAY = 86_400_000;
    private static final PlanIdentity IDENTITY = new PlanIdentity("f", 1, "in", "out", "state");
    private static final JobSpec JOB = JobJson.job("");
    private static final SliceRef SLICE = new SliceRef(JOB, "run", IDENTITY, 0);

    /** The partitions of each read of the state topic, with the number of chunks. */
    private final List<Map<Integer, Integer>> reads = new ArrayList<>();

    private final UpdateMaker maker = new UpdateMaker(
            SLICE,
            (wanted, handler) -> {
                Map<Integer, Integer> read = new TreeMap<>();
                wanted.forEach((partition, chunks) -> read.put(partition, chunks.size()));
                reads.add(read);
            },
            StepProgress.NONE,
            Memory.UNBOUNDED,
            true);

    /** Adds a partition with {@code cells} stored cells in {@code days} days, and a delta that touches the last of them. */
    private void add(int partition, long cells, int days, int touched) throws Exception {
        List<ChunkRef> chunks = LongStream.range(0, days)
                .mapToObj(day -> new ChunkRef(day * DAY, 0, day, 0))
                .toList();
        CellTable delta = new CellTable(CellLayout.of(JOB), 1_000);
        byte[] group = GroupKey.of(List.of());
        double[] values = new double[CellLayout.of(JOB).doubles()];
        for (int i = 1; i <= touched; i++) {
            delta.addPartial(delta.findOrAdd((days - i) * DAY, group, 0, group.length), 1, values, 0);
        }
        maker.add(
                new StagedRange(
                        new PartitionRange(partition, 0, touched), RecordCounts.folded(touched, 0), -1, -1, -1, null),
                new PartitionProgress(
                        IDENTITY,
                        JsonNodeFactory.instance.objectNode(),
                        32,
                        0,
                        -1,
                        cells,
                        -1,
                        Windows.NONE,
                        null,
                        chunks,
                        List.of()),
                delta);
    }

    @Test
    void partitionsOfAnOldJobAreReadTogetherIfTheyTouchFewOfTheirCells() throws Exception {
        for (int partition = 0; partition < 32; partition++) {
            add(partition, 365 * 24, 365, 1);
        }
        assertThat(maker.finish()).hasSize(32);
        assertThat(reads)
                .singleElement()
                .satisfies(read -> assertThat(read).hasSize(32).containsValue(1));
    }

    @Test
    void partitionsThatTouchManyCellsAreReadOneByOne() throws Exception {
        add(0, 20_000, 20, 10);
        add(1, 20_000, 20, 10);
        assertThat(maker.finish()).hasSize(2);
        assertThat(reads).containsExactly(Map.of(0, 10), Map.of(1, 10));
    }
}
