package io.tidemark.step;

import io.tidemark.aggregate.AggregatorException;
import io.tidemark.aggregate.CellLayout;
import io.tidemark.aggregate.CellTable;
import io.tidemark.aggregate.Memory;
import io.tidemark.csv.CellCsv;
import io.tidemark.job.JobSpec;
import io.tidemark.run.StagedFile;
import io.tidemark.stage.StagedLostException;
import io.tidemark.stage.StagingArea;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Writes cells of partitions to staged files, and reads them. */
final class StagedCells {
    private StagedCells() {}

    static StagedFile write(
            StagingArea staging, JobSpec job, String run, String name, SortedMap<Integer, CellTable> cells) {
        try (StagingArea.Draft draft = staging.draft(run, name)) {
            return draft.finish(new CellCsv(job).write(draft.out(), cells));
        } catch (AggregatorException e) {
            throw Cells.failure(job.input().topic(), e);
        } catch (IOException e) {
            throw StagingArea.failed("writing", staging.folder(), e);
        }
    }

    /**
     * Adds the cells of a file to the tables in {@code into}, and creates missing tables.
     *
     * @param partitions the partitions to read; the file may contain others
     * @param memory for the tables
     * @throws StagedLostException if the file is missing or has another checksum
     */
    static void read(
            StagingArea staging,
            JobSpec job,
            StagedFile file,
            Set<Integer> partitions,
            Map<Integer, CellTable> into,
            Memory memory)
            throws StagedLostException {
        CellLayout layout = CellLayout.of(job);
        // A file contains each cell only once, so its cells are read into new tables and then merged.
        SortedMap<Integer, CellTable> read = new TreeMap<>();
        staging.read(
                file,
                in -> new CellCsv(job)
                        .read(
                                in,
                                partition -> read.computeIfAbsent(
                                        partition,
                                        p -> new CellTable(layout, job.limits().cells(), memory))));
        for (Map.Entry<Integer, CellTable> each : read.entrySet()) {
            if (!partitions.contains(each.getKey())) {
                each.getValue().free();
                continue;
            }
            CellTable present = into.putIfAbsent(each.getKey(), each.getValue());
            if (present != null) {
                Cells.merge(job, each.getKey(), present, each.getValue());
                each.getValue().free();
            }
        }
    }
}
