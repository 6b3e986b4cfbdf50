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
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The texts that the Web UI shows: workflow ids, summaries and details. */
final class RunLabels {
    /** Temporal's bounds for the details and the summary of a workflow, in bytes of UTF-8. */
    static final int MOST_DETAILS = 20_000;

    static final int MOST_SUMMARY = 400;

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
        return capped(job.input().topic() + " to " + job.output().topic(), MOST_SUMMARY);
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

    /**
     * Returns the details of the workflow that a person or a schedule started.
     *
     * @param schedule the id of the schedule that started it, or null
     */
    static String started(String namespace, WorkflowExecution body, @Nullable String schedule, String job) {
        return "Run: " + RunDetails.link(namespace, body)
                + (schedule == null ? "" : "\n\nSchedule: " + RunDetails.schedule(namespace, schedule))
                + "\n\nEnd it early and well: `./tidemark finish " + job + "`. Stop it at once: `./tidemark cancel "
                + job
                + "`";
    }

    static String waiting(String workflowId) {
        return "Waiting for another run of the job to end: " + workflowId;
    }

    /**
     * Returns the progress in Markdown: a line of totals, links, problems with the sections of the runbook, warnings, and a
     * table of the first partitions. The most important comes first, because a long text is cut.
     *
     * @param links lines with links to other workflows
     */
    static String details(RunSummary run, List<String> links) {
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
        links.forEach(each -> text.append("\n").append(each).append("\n"));
        appendProblems(text, run);
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
        return capped(text.toString(), MOST_DETAILS);
    }

    private static void appendProblems(StringBuilder text, RunSummary run) {
        List<RunSummary> stages = stages(run);
        StringBuilder lines = new StringBuilder();
        for (RunSummary stage : stages) {
            for (PartitionProblem each : first(stage.problems(), MAX_ROWS)) {
                lines.append("- ").append(reason(stage.input(), each)).append("\n");
            }
        }
        stages.stream()
                .flatMap(stage -> stage.warnings().stream())
                .limit(MAX_ROWS)
                .forEach(each -> lines.append("- ").append(oneLine(each)).append("\n"));
        if (!lines.isEmpty()) {
            text.append("\n").append(lines);
        }
        String sections = stages.stream()
                .flatMap(stage -> stage.problems().stream())
                .map(each -> "`docs/runbook.md#" + each.kind().name().toLowerCase(Locale.ROOT) + "`")
                .distinct()
                .collect(Collectors.joining(", "));
        if (!sections.isEmpty()) {
            text.append("\nWhat to do: ")
                    .append(sections)
                    .append(". All numbers: `./tidemark status ")
                    .append(run.job())
                    .append(" --run ")
                    .append(run.runId())
                    .append("`\n");
        }
    }

    /** Returns the summaries of the stages of a run that are planned. */
    private static List<RunSummary> stages(RunSummary run) {
        return run.totals() == null ? List.of(run) : List.of(run, run.totals());
    }

    /** Returns a text of at most so many bytes of UTF-8; a longer one ends with an ellipsis. */
    static String capped(String text, int most) {
        if (text.getBytes(StandardCharsets.UTF_8).length <= most) {
            return text;
        }
        StringBuilder kept = new StringBuilder();
        int bytes = "…".getBytes(StandardCharsets.UTF_8).length;
        for (int at = 0; at < text.length(); ) {
            String next = Character.toString(text.codePointAt(at));
            bytes += next.getBytes(StandardCharsets.UTF_8).length;
            if (bytes > most) {
                break;
            }
            kept.append(next);
            at += next.length();
        }
        return kept.append("…").toString();
    }

    /** Returns the warning of a run of which no record counts, because the job filters them. */
    static String nothingFolded(RecordCounts counts) {
        return "No record was folded: where filtered " + count(counts.filtered(), "record")
                + (counts.bad() == 0 ? "" : ", and " + number(counts.bad()) + " were bad")
                + ". If that is not meant, try the condition on some records: ./tidemark try JOB FILE";
    }

    /** Returns which partitions failed, of both stages, and the reasons of the first few. */
    static String problems(RunSummary run) {
        return stages(run).stream()
                .filter(stage -> stage.failed() > 0)
                .map(RunLabels::problemsOf)
                .collect(Collectors.joining(" "));
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
