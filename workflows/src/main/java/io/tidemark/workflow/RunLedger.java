package io.tidemark.workflow;

import io.tidemark.job.JobSpec;
import io.tidemark.run.PartitionProblem;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.PartitionResult;
import io.tidemark.run.RunPlan;
import io.tidemark.run.RunSummary;
import io.tidemark.run.RunSummary.State;
import io.tidemark.run.StateSize;
import io.tidemark.state.RecordCounts;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Sums what the partitions of a run report, in bounded memory. {@link #summary} is valid at any time. */
final class RunLedger {
    private static final Comparator<PartitionResult> MOST_RECORDS_FIRST = Comparator.comparingLong(
                    (PartitionResult each) -> each.counts().folded())
            .reversed()
            .thenComparingInt(PartitionResult::partition);

    private final String job;
    private final String input;
    private final String output;
    private final String runId;
    private final long startedAt;

    private State state = State.STARTING;
    private int partitions;
    private int idle;
    private int done;
    private int failed;
    private int waiting;
    private long offsetsPlanned;
    private long offsetsDone;
    private long left;
    private final TreeSet<String> leftBy = new TreeSet<>();
    private long heldBack;
    private RecordCounts counts = RecordCounts.NONE;
    private long rows;
    private long finalRows;
    private long closedWindows;
    private long endedAt;
    private final Map<Integer, PartitionResult> details = new HashMap<>();
    private final List<PartitionProblem> problems = new ArrayList<>();
    private List<String> warnings = List.of();
    private @Nullable String error;
    /** The second stage, once it is planned. */
    private @Nullable RunLedger totals;

    private @Nullable StateSize stateSize;

    RunLedger(JobSpec job, String runId, long startedAt) {
        this(job.name(), job.input().topic(), job.output().topic(), runId, startedAt);
    }

    private RunLedger(String job, String input, String output, String runId, long startedAt) {
        this.job = job;
        this.input = input;
        this.output = output;
        this.runId = runId;
        this.startedAt = startedAt;
    }

    /** Returns the summary of a workflow that has not read its job yet. */
    static RunSummary nothing() {
        return new RunLedger("", "", "", "", 0).summary();
    }

    void planned(RunPlan plan) {
        planned(plan.ranges());
        partitions = plan.partitions();
        idle = plan.partitions() - plan.ranges().size() - plan.problems().size() - plan.unnamed() - plan.waiting();
        left(plan.waiting(), plan.left(), plan.leftBy());
        heldBack = plan.heldBack();
        warnings = plan.warnings();
        plan.problems().forEach(this::failed);
        failed += plan.unnamed();
    }

    void planned(List<PartitionRange> ranges) {
        state = State.RUNNING;
        partitions = ranges.size();
        offsetsPlanned = ranges.stream().mapToLong(PartitionRange::length).sum();
    }

    /** Adds the second stage of the run. Its rows are those of the run. */
    void totals(RunLedger stage) {
        totals = stage;
    }

    /** Records how large the stored totals are. */
    void stateSize(@Nullable StateSize size) {
        stateSize = size;
    }

    /** Records that a partition advanced. {@code step} begins where the previous step ended. */
    void advanced(PartitionResult step) {
        offsetsDone += step.through() - step.from();
        counts = counts.plus(step.counts());
        rows += step.rows();
        finalRows += step.finalRows();
        closedWindows += step.closedWindows();
        PartitionResult before = details.get(step.partition());
        keep(before == null ? step : before.plus(step));
    }

    /** Records that a partition reached its planned end. */
    void done() {
        done++;
    }

    /** Records that a partition did not reach its planned end and will not in this run. */
    void failed(PartitionProblem problem) {
        failed++;
        if (problems.size() < RunSummary.MAX_DETAILS) {
            problems.add(problem);
        }
    }

    /** Records that a budget keeps a partition from its planned end. This is not a failure. */
    void leave(PartitionRange rest, String why) {
        left(1, rest.length(), why);
    }

    private void left(int partitionsLeft, long offsetsLeft, @Nullable String why) {
        waiting += partitionsLeft;
        left += offsetsLeft;
        if (why != null) {
            leftBy.add(why);
        }
    }

    /** Adds the sums of partitions that a child workflow processed. */
    void add(RunSummary group) {
        done += group.done();
        failed += group.failed();
        left(group.waiting(), group.left(), group.leftBy());
        offsetsDone += group.offsetsDone();
        counts = counts.plus(group.counts());
        rows += group.rows();
        finalRows += group.finalRows();
        closedWindows += group.closedWindows();
        group.details().forEach(this::keep);
        for (PartitionProblem each : group.problems()) {
            if (problems.size() < RunSummary.MAX_DETAILS) {
                problems.add(each);
            }
        }
    }

    RunSummary ended(State end, long at, @Nullable String why) {
        if (totals != null) {
            totals.ended(end, at, null);
        }
        state = end;
        endedAt = at;
        if (counts.filtered() > 0 && counts.folded() == 0) {
            warnings = Stream.concat(warnings.stream(), Stream.of(RunLabels.nothingFolded(counts)))
                    .toList();
        }
        error = why;
        return summary();
    }

    /** Returns how many of {@code steps} equal steps to the planned end are done. */
    long stepsDone(int steps) {
        return offsetsPlanned == 0 ? 0 : (long) ((double) offsetsDone / offsetsPlanned * steps);
    }

    /** Returns how many partitions failed, in both stages. */
    int failed() {
        return failed + (totals == null ? 0 : totals.failed);
    }

    /** Whether all partitions are at their ends and closed what they can, in both stages. */
    boolean nothingToDo() {
        return idle == partitions && (totals == null || totals.nothingToDo());
    }

    RunSummary summary() {
        RunSummary second = totals == null ? null : totals.summary();
        return new RunSummary(
                job,
                input,
                output,
                runId,
                state,
                partitions,
                idle,
                done,
                failed,
                waiting,
                offsetsPlanned,
                offsetsDone,
                left,
                leftBy.isEmpty() ? null : String.join(", ", leftBy),
                heldBack,
                counts,
                rows + (second == null ? 0 : second.rows()),
                finalRows + (second == null ? 0 : second.finalRows()),
                closedWindows + (second == null ? 0 : second.closedWindows()),
                startedAt,
                endedAt,
                details.values().stream().sorted(MOST_RECORDS_FIRST).toList(),
                problems.stream()
                        .sorted(Comparator.comparingInt(PartitionProblem::partition))
                        .toList(),
                warnings,
                error,
                second,
                stateSize);
    }

    private void keep(PartitionResult result) {
        details.put(result.partition(), result);
        if (details.size() > RunSummary.MAX_DETAILS) {
            details.values().stream().max(MOST_RECORDS_FIRST).ifPresent(least -> details.remove(least.partition()));
        }
    }
}
