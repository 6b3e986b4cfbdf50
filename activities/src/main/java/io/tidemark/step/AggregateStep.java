package io.tidemark.step;

import io.tidemark.aggregate.CellTable;
import io.tidemark.csv.DeadLetterCsv;
import io.tidemark.job.JobSpec;
import io.tidemark.run.SliceRef;
import io.tidemark.run.Staged;
import io.tidemark.run.StagedFile;
import io.tidemark.run.StagedRange;
import io.tidemark.stage.StagedLostException;
import io.tidemark.stage.StagingArea;
import io.tidemark.step.Checkpoints.Point;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.commons.csv.CSVPrinter;
import org.jspecify.annotations.Nullable;

/** Step 3: merges the partials of a slice's splits into the delta of this batch. Its only effect is staged files. */
public final class AggregateStep {
    private final StagingArea staging;
    private final WorkerMemory memory;
    private final Checkpoints checkpoints;

    /** Creates the step on the host that stores the partials. */
    public AggregateStep(StagingArea staging, WorkerMemory memory, Checkpoints checkpoints) {
        this.staging = staging;
        this.memory = memory;
        this.checkpoints = checkpoints;
    }

    /**
     * Returns the delta; see {@link io.tidemark.workflow.BatchActivities#aggregate}. The partial of a single split is
     * returned as the delta.
     *
     * @throws StagedLostException if a partial is missing or has another checksum
     */
    public Staged aggregate(SliceRef slice, List<Staged> partials, StepProgress progress) throws StagedLostException {
        List<StagedRange> ranges = joined(partials);
        if (partials.size() == 1) {
            staging.verify(partials.get(0).cells());
            checkpoints.reached(Point.AGGREGATE_STAGED);
            return partials.get(0);
        }
        String run = StagedNames.run(slice);
        String name = StagedNames.slice(slice) + "delta";
        StagedFile cellFile = merged(slice, partials, progress, run, name + "-cells");
        StagedFile bad = deadLetters(run, name + "-bad", partials);
        checkpoints.reached(Point.AGGREGATE_STAGED);
        return new Staged(partials.get(0).hostQueue(), ranges, cellFile, bad);
    }

    private StagedFile merged(SliceRef slice, List<Staged> partials, StepProgress progress, String run, String name)
            throws StagedLostException {
        JobSpec job = slice.job();
        try (WorkerMemory.Share share = memory.share(slice, partitions(partials))) {
            SortedMap<Integer, CellTable> cells = new TreeMap<>();
            for (Staged each : partials) {
                StagedCells.read(staging, job, each.cells(), partitions(List.of(each)), cells, share);
                progress.report(List.of(), 0);
            }
            return StagedCells.write(staging, job, run, name, cells);
        }
    }

    /**
     * Returns the partitions of the partials' ranges. The file of a partial may contain more: partitions whose other
     * splits were not read far enough to join it.
     */
    private static Set<Integer> partitions(List<Staged> partials) {
        return partials.stream()
                .flatMap(partial -> partial.ranges().stream())
                .map(each -> each.range().partition())
                .collect(Collectors.toSet());
    }

    private @Nullable StagedFile deadLetters(String run, String name, List<Staged> partials)
            throws StagedLostException {
        if (partials.stream().allMatch(each -> each.deadLetters() == null)) {
            return null;
        }
        try (StagingArea.Draft draft = staging.draft(run, name)) {
            CSVPrinter printer = DeadLetterCsv.printer(draft.out());
            long[] rows = new long[1];
            for (Staged each : partials) {
                StagedFile file = each.deadLetters();
                if (file == null) {
                    continue;
                }
                Set<Integer> partitions = partitions(List.of(each));
                staging.read(
                        file,
                        in -> DeadLetterCsv.read(in, letter -> {
                            if (partitions.contains(letter.partition())) {
                                DeadLetterCsv.print(printer, letter);
                                rows[0]++;
                            }
                        }));
            }
            return draft.finish(rows[0]);
        } catch (IOException e) {
            throw StagingArea.failed("writing", staging.folder(), e);
        }
    }

    /**
     * Joins the ranges to one for each partition. Fails on a gap or an overlap between splits, which would lose records
     * or count them twice.
     */
    private static List<StagedRange> joined(List<Staged> partials) {
        Map<Integer, List<StagedRange>> byPartition = new TreeMap<>();
        for (Staged partial : partials) {
            for (StagedRange each : partial.ranges()) {
                byPartition
                        .computeIfAbsent(each.range().partition(), p -> new ArrayList<>())
                        .add(each);
            }
        }
        List<StagedRange> joined = new ArrayList<>();
        byPartition.forEach((partition, ranges) -> {
            ranges.sort(
                    Comparator.comparingLong((StagedRange each) -> each.range().from())
                            .thenComparingLong(each -> each.range().to()));
            StagedRange all = ranges.get(0);
            for (StagedRange next : ranges.subList(1, ranges.size())) {
                all = all.join(next);
            }
            joined.add(all);
        });
        return joined;
    }
}
