package io.tidemark.workflow;

import io.temporal.api.common.v1.WorkflowExecution;
import io.temporal.workflow.WorkflowInfo;
import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
import io.tidemark.job.Stage;
import io.tidemark.run.Notice;
import io.tidemark.run.PartitionProblem;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.PartitionResult;
import io.tidemark.run.RunSummary;
import io.tidemark.state.RecordCounts;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The texts that the Web UI shows: workflow ids, summaries and details. */
final class RunLabels {
    /**
     * Rows of the table in the details. The query {@code status} returns up to {@link RunSummary#MAX_DETAILS}
     * partitions.
     */
    static final int MAX_ROWS = 30;
    /** Failed partitions whose reasons the message of a failure contains. */
    private static final int MAX_REASONS = 3;

    private static final int MAX_NUMBERS = 20;
    private static final int MAX_REASON = 300;

    private RunLabels() {}

    /** Returns the workflow id of a group of slices, such as {@code tidemark-voltage-daily/slices-000-099}. */
    static String groupId(JobSpec job, List<PartitionRange> ranges) {
        return String.format(
                Locale.ROOT,
                "%s/%sslices-%03d-%03d",
                JobNames.workflowId(job.name()),
                job.stage() == Stage.TOTALS ? "totals-" : "",
                job.sliceOf(ranges.get(0).partition()),
                job.sliceOf(ranges.get(ranges.size() - 1).partition()));
    }

    static String bodySummary(JobSpec job) {
        return job.input().topic() + " to " + job.output().topic();
    }

    static String groupSummary(JobSpec job, List<PartitionRange> ranges) {
        return partitions(job, ranges) + ", " + count(ranges.size(), "partition");
    }

    static String plan(JobSpec job) {
        return job.input().topic();
    }

    static String commit(JobSpec job) {
        return JobNames.group(job);
    }

    /**
     * Returns the partitions and offsets of an activity, such as {@code airflow-input-topic[3] 0..1200}. The Web UI
     * shows the name of the activity before it.
     */
    static String activity(JobSpec job, List<PartitionRange> ranges) {
        String where = partitions(job, ranges);
        if (ranges.stream().allMatch(each -> each.length() == 0)) {
            return where + ", closing windows";
        }
        return ranges.size() == 1
                ? where + " " + ranges.get(0).from() + ".." + ranges.get(0).to()
                : where + ", "
                        + number(ranges.stream()
                                .mapToLong(PartitionRange::length)
                                .sum()) + " offsets";
    }

    /** Returns the workflow id of a notice, such as {@code voltage-daily-run/failed/0199…}: one for each run and type. */
    static String noticeId(WorkflowInfo run, Notice.Type type) {
        return run.getWorkflowId() + "/" + type.name().toLowerCase(Locale.ROOT) + "/" + run.getRunId();
    }

    static String notice(Notice notice) {
        return notice.job() + " " + notice.type().name().toLowerCase(Locale.ROOT);
    }

    /** Returns a link from the workflow that a person started to the body of the run. */
    static String link(String namespace, WorkflowExecution body) {
        return "Run: [" + body.getWorkflowId() + "](/namespaces/" + namespace + "/workflows/" + body.getWorkflowId()
                + "/" + body.getRunId() + ")";
    }

    static String waiting(String workflowId) {
        return "Waiting for another run of the job to end: " + workflowId;
    }

    /** Returns the progress in Markdown: a line of totals, a table of the first partitions, problems and warnings. */
    static String details(RunSummary run) {
        StringBuilder text = new StringBuilder();
        text.append("**")
                .append(run.job())
                .append("** ")
                .append(run.state().name().toLowerCase(Locale.ROOT));
        text.append(": ").append(number(run.done())).append(" of ");
        text.append(count(run.partitions() - run.idle(), "partition")).append(" done, ");
        text.append(number(run.idle()))
                .append(" with nothing new, ")
                .append(number(run.failed()))
                .append(" failed");
        if (run.waiting() > 0) {
            text.append(", ").append(number(run.waiting())).append(" waiting for the next run");
        }
        text.append("; ");
        text.append(number(run.offsetsDone())).append(" of ").append(number(run.offsetsPlanned()));
        text.append(" offsets (").append(percent(run)).append(" %), ");
        text.append(number(run.counts().folded())).append(" records, ");
        boolean filters = run.counts().filtered() > 0;
        if (filters) {
            text.append(number(run.counts().filtered())).append(" filtered, ");
        }
        text.append(number(run.counts().bad()));
        text.append(" bad, ").append(number(run.rows())).append(" rows\n");
        RunSummary totals = run.totals();
        if (totals != null) {
            text.append("\nTotals: ").append(number(totals.done())).append(" of ");
            text.append(count(totals.partitions() - totals.idle(), "output partition"));
            text.append(" done, ").append(number(totals.failed())).append(" failed\n");
        }
        if (run.closedWindows() > 0 || run.counts().late() > 0) {
            text.append("\n").append(count(run.closedWindows(), "window")).append(" closed with ");
            text.append(count(run.finalRows(), "final row")).append(", ");
            text.append(count(run.counts().late(), "late record")).append("\n");
        }
        if (run.left() > 0) {
            text.append("\n")
                    .append(count(run.left(), "offset"))
                    .append(" left to the next run: ")
                    .append(run.leftBy())
                    .append("\n");
        }
        if (run.heldBack() > 0) {
            text.append("\n").append(count(run.heldBack(), "offset")).append(" held back by open transactions\n");
        }
        if (!run.details().isEmpty()) {
            text.append("\n| partition | offsets | records |")
                    .append(filters ? " filtered |" : "")
                    .append(" bad | rows |\n|--:|--:|--:|")
                    .append(filters ? "--:|" : "")
                    .append("--:|--:|\n");
        }
        for (PartitionResult each : first(run.details(), MAX_ROWS)) {
            text.append("| ")
                    .append(each.partition())
                    .append(" | ")
                    .append(each.from())
                    .append("..");
            text.append(each.through())
                    .append(" | ")
                    .append(number(each.counts().folded()))
                    .append(" | ");
            if (filters) {
                text.append(number(each.counts().filtered())).append(" | ");
            }
            text.append(number(each.counts().bad()))
                    .append(" | ")
                    .append(number(each.rows()))
                    .append(" |\n");
        }
        if (run.details().size() > MAX_ROWS) {
            text.append("\nThe query `status` shows more partitions.\n");
        }
        for (PartitionProblem each : first(run.problems(), MAX_ROWS)) {
            text.append("\n- ").append(reason(run.input(), each));
        }
        if (totals != null) {
            for (PartitionProblem each : first(totals.problems(), MAX_ROWS)) {
                text.append("\n- ").append(reason(totals.input(), each));
            }
        }
        Stream<String> warnings =
                Stream.concat(run.warnings().stream(), totals == null ? Stream.of() : totals.warnings().stream());
        warnings.limit(MAX_ROWS).forEach(each -> text.append("\n- ").append(oneLine(each)));
        return text.toString();
    }

    /** Returns the warning of a run of which no record counts, because the job filters them. */
    static String nothingFolded(RecordCounts counts) {
        return "No record was folded: where filtered " + count(counts.filtered(), "record")
                + (counts.bad() == 0 ? "" : ", and " + number(counts.bad()) + " were bad")
                + ". If that is not meant, try the condition on some records: ./tidemark try JOB FILE";
    }

    /** Returns which partitions failed, of both stages, and the reasons of the first few. */
    static String problems(RunSummary run) {
        RunSummary totals = run.totals();
        if (totals != null && totals.failed() > 0) {
            return (run.failed() > 0 ? problemsOf(run) + " " : "") + problemsOf(totals);
        }
        return problemsOf(run);
    }

    private static String problemsOf(RunSummary run) {
        String numbers = first(run.problems(), MAX_NUMBERS).stream()
                .map(each -> Integer.toString(each.partition()))
                .collect(Collectors.joining(", "));
        String reasons = first(run.problems(), MAX_REASONS).stream()
                .map(each -> reason(run.input(), each))
                .collect(Collectors.joining("; "));
        return run.failed() + " of " + count(run.partitions(), "partition") + " of " + run.input() + " failed: "
                + numbers + (run.failed() > MAX_NUMBERS ? ", …" : "") + ". " + reasons
                + (run.failed() > MAX_REASONS ? "; …" : "")
                + ". The other partitions are not affected. The next run retries the failed ones.";
    }

    private static String reason(String topic, PartitionProblem problem) {
        return topic + "[" + problem.partition() + "] " + problem.kind() + ": " + oneLine(problem.message());
    }

    private static String partitions(JobSpec job, List<PartitionRange> ranges) {
        int first = ranges.get(0).partition();
        int last = ranges.get(ranges.size() - 1).partition();
        return job.input().topic() + "[" + (first == last ? "" + first : first + ".." + last) + "]";
    }

    private static String count(long count, String what) {
        return number(count) + " " + what + (count == 1 ? "" : "s");
    }

    private static long percent(RunSummary run) {
        return run.offsetsPlanned() == 0 ? 100 : Math.floorDiv(run.offsetsDone() * 100, run.offsetsPlanned());
    }

    private static String number(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    private static String oneLine(String text) {
        String line = text.replaceAll("\\s+", " ");
        return line.length() <= MAX_REASON ? line : line.substring(0, MAX_REASON) + "…";
    }

    private static <T> List<T> first(List<T> list, int most) {
        return list.subList(0, Math.min(most, list.size()));
    }
}
