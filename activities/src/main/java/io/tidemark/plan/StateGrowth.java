package io.tidemark.plan;

import io.tidemark.job.JobSpec;
import io.tidemark.state.PartitionProgress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Warns of a state that grows without an end, and of one that is nearly as large as {@code limits.cells} allows. */
final class StateGrowth {
    /** Percent of {@code limits.cells} from which on a partition causes a warning. */
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
        long nearly = (long) job.limits().cells() * NEARLY_FULL / 100;
        List<Map.Entry<Integer, PartitionProgress>> full = progress.entrySet().stream()
                .filter(each -> each.getValue().cells() >= nearly)
                .sorted(Map.Entry.comparingByKey())
                .toList();
        if (!full.isEmpty()) {
            Map.Entry<Integer, PartitionProgress> first = full.get(0);
            warnings.add(String.format(
                    Locale.ROOT,
                    "%s[%d] has %,d cells (a window and a group), and limits.cells is %,d%s: beyond it the partition fails."
                            + " %s",
                    job.input().topic(),
                    first.getKey(),
                    first.getValue().cells(),
                    job.limits().cells(),
                    full.size() == 1 ? "" : "; " + (full.size() - 1) + " more partitions are nearly full",
                    job.close() == null && hasWindows
                            ? "Let windows close, as in close: { after: 1d }, or raise limits.cells"
                            : "Raise limits.cells"));
        }
        return warnings;
    }
}
