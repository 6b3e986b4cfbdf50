package io.tidemark.check;

import io.tidemark.job.InputSpec.DataLoss;
import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
import io.tidemark.kafka.client.SecondLook;
import io.tidemark.kafka.cluster.TopicCatalog;
import io.tidemark.run.FailureKind;
import io.tidemark.run.RunSummary;
import io.tidemark.run.TidemarkException;
import io.tidemark.state.PartitionProgress;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Notices that the output lost rows of the job. A partition's end never moves back, whatever compaction and retention
 * remove, unless its leader lost records. So the partition has lost rows if it ends before the offset after the job's
 * last row, which is stored with the progress. A partition that lost rows and then grew beyond that offset is not noticed.
 */
public final class WrittenRows {
    private final JobSpec job;

    /** Creates a check of the job's output. */
    public WrittenRows(JobSpec job) {
        this.job = job;
    }

    /** Returns the problem of each partition that lost rows. */
    private Map<Integer, TidemarkException> problems(
            TopicCatalog catalog, SecondLook leaders, Map<Integer, PartitionProgress> progress) {
        Map<Integer, Long> written = new TreeMap<>();
        progress.forEach((partition, each) -> {
            if (each.outputEnd() >= 0) {
                written.put(partition, each.outputEnd());
            }
        });
        Map<Integer, TidemarkException> problems = new TreeMap<>();
        if (!written.isEmpty()) {
            Map<Integer, Long> ends = leaders.until(
                    found -> reach(found, written),
                    () -> catalog.highWatermarks(job.output().topic(), written.keySet()));
            written.forEach((partition, stored) -> {
                long end = ends.getOrDefault(partition, 0L);
                if (end < stored) {
                    problems.put(partition, lost(partition, stored, end));
                }
            });
        }
        return problems;
    }

    /**
     * Returns the problem of each partition that fails because it lost rows; adds warnings if the job continues without them.
     */
    public Map<Integer, TidemarkException> failing(
            TopicCatalog catalog, SecondLook leaders, Map<Integer, PartitionProgress> progress, List<String> warnings) {
        Map<Integer, TidemarkException> lost = problems(catalog, leaders, progress);
        if (job.output().dataLoss() == DataLoss.FAIL) {
            return lost;
        }
        lost.values().stream().limit(RunSummary.MAX_DETAILS).forEach(each -> warnings.add(each.getMessage()));
        return Map.of();
    }

    private static boolean reach(Map<Integer, Long> ends, Map<Integer, Long> written) {
        return written.entrySet().stream().allMatch(each -> ends.getOrDefault(each.getKey(), 0L) >= each.getValue());
    }

    /**
     * Requires that the first row of a batch follows the rows that were written before.
     *
     * @param offset the offset that the broker assigned to the first row
     * @throws TidemarkException ROWS_LOST if the job has {@code output.dataLoss: fail}
     */
    public void requireFollowing(PartitionProgress before, int partition, long offset) {
        if (offset < before.outputEnd() && job.output().dataLoss() == DataLoss.FAIL) {
            throw lost(partition, before.outputEnd(), offset);
        }
    }

    private TidemarkException lost(int partition, long stored, long end) {
        String what = job.output().topic() + "[" + partition + "] had rows of this job up to offset " + (stored - 1)
                + ", but ended at offset " + end + ": the brokers lost rows. Was there an unclean leader election?";
        return new TidemarkException(
                FailureKind.ROWS_LOST,
                job.output().dataLoss() == DataLoss.CONTINUE
                        ? what + " The run continues (output.dataLoss: continue)"
                        : what + " The totals are intact in " + JobNames.stateTopic(job)
                                + ", but a lost row is only written again when a later record changes it. To continue"
                                + " without the lost rows, set output.dataLoss: continue; to write all rows again, give the"
                                + " job a new name and a new output.topic");
    }
}
