package io.tidemark.plan;

import io.tidemark.job.JobSpec;
import io.tidemark.job.OutputSpec.Emit;
import io.tidemark.state.PartitionProgress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToLongFunction;

/**
 * Warns of a state that grows without an end, of one that is nearly as large as {@code limits.cells} or {@code limits.bytes}
 * allows, and of windows that multiply the rows.
 */
final class StateGrowth {
    /** Percent of a limit from which on a partition causes a warning. */
    private static final int NEARLY_FULL = 80;

    private StateGrowth() {}

    /** Returns the warnings of a plan, in which a job without any progress runs for the first time. */
    static List<String> warnings(JobSpec job, Map<Integer, PartitionProgress> progress) {
        List<String> warnings = new ArrayList<>();
        boolean hasWindows = job.window().dividesTime();
        if (progress.isEmpty() && hasWindows && job.close() == null) {
            warnings.add(
                    "the job has no close, so its windows stay open for ever and its state grows with each new one. To"
                            + " bound the state, say after what time windows close, such as close: { after: 1d }");
        }
        if (progress.isEmpty() && job.window().span() > 1 && job.output().emit() != Emit.FINAL) {
            warnings.add(String.format(
                    Locale.ROOT,
                    "windows overlap, so a record changes %,d rows, and each run writes all rows that it changes. To write"
                            + " each row once, set close and output.emit: final",
                    job.window().span()));
        }
        String close = job.close() == null && hasWindows
                ? "Let windows close, as in close: { after: 1d }, or raise "
                : "Raise ";
        warnings.addAll(nearlyFull(
                job,
                progress,
                PartitionProgress::cells,
                "cells (a window and a group)",
                "limits.cells",
                job.limits().cells(),
                close));
        warnings.addAll(nearlyFull(
                job,
                progress,
                PartitionProgress::bytes,
                "bytes of stored totals",
                "limits.bytes",
                job.limits().bytes(),
                close));
        return warnings;
    }

    private static List<String> nearlyFull(
            JobSpec job,
            Map<Integer, PartitionProgress> progress,
            ToLongFunction<PartitionProgress> size,
            String what,
            String name,
            long limit,
            String raise) {
        List<Map.Entry<Integer, PartitionProgress>> full = progress.entrySet().stream()
                .filter(each -> size.applyAsLong(each.getValue()) >= limit / 100.0 * NEARLY_FULL)
                .sorted(Map.Entry.comparingByKey())
                .toList();
        if (full.isEmpty()) {
            return List.of();
        }
        Map.Entry<Integer, PartitionProgress> first = full.get(0);
        return List.of(String.format(
                Locale.ROOT,
                "%s[%d] has %,d %s, and %s is %,d%s: beyond it the partition fails. %s%s",
                job.input().topic(),
                first.getKey(),
                size.applyAsLong(first.getValue()),
                what,
                name,
                limit,
                full.size() == 1 ? "" : "; " + (full.size() - 1) + " more partitions are nearly full",
                raise,
                name));
    }
}
