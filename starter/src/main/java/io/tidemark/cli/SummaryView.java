package io.tidemark.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.job.JobNames;
import io.tidemark.run.PartitionProblem;
import io.tidemark.run.PartitionResult;
import io.tidemark.run.RunSummary;
import io.tidemark.state.RecordCounts;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Formats the summary of a run. */
final class SummaryView {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Most partitions that are printed; {@code --json} has all. */
    private static final int MAX_PARTITIONS = 32;

    /** The column of filtered records, from 0, in both tables of partitions. */
    private static final int FILTERED = 4;

    private SummaryView() {}

    static void print(Printer printer, RunSummary run, Instant now, boolean cancelled) {
        printer.line(headline(run, now, cancelled));
        if (run.partitions() > 0) {
            printNumbers(printer, run);
        }
        printMessages(printer, run);
    }

    private static void printNumbers(Printer printer, RunSummary run) {
        printer.line("  partitions   " + Texts.number(run.partitions()) + ": " + run.done() + " done, " + run.idle()
                + " with nothing new, " + run.failed() + " failed"
                + (run.waiting() == 0 ? "" : ", " + run.waiting() + " waiting for the next run"));
        printer.line("  offsets      " + Texts.number(run.offsetsDone()) + " of " + Texts.number(run.offsetsPlanned())
                + (run.left() == 0
                        ? ""
                        : "; " + Texts.number(run.left()) + " left to the next run (" + run.leftBy() + ")")
                + (run.heldBack() == 0 ? "" : "; " + Texts.number(run.heldBack()) + " held back by open transactions"));
        if (filters(run)) {
            printer.line("  filtered     " + Texts.count(run.counts().filtered(), "record") + " by where");
        }
        if (run.counts().bad() > 0) {
            printer.line("  bad records  " + Texts.number(run.counts().deadLettered()) + " to "
                    + JobNames.deadLetterTopic(run.output()) + ", "
                    + Texts.number(run.counts().skipped()) + " skipped");
        }
        if (run.counts().lost() > 0) {
            printer.line("  lost         " + Texts.count(run.counts().lost(), "offset")
                    + " that retention removed before they were read");
        }
        table(
                printer,
                run,
                columns(run, "partition", "from", "next", "records", "filtered", "bad", "rows"),
                each -> columns(
                        run,
                        String.valueOf(each.partition()),
                        Texts.number(each.from()),
                        Texts.number(each.through()),
                        Texts.number(each.counts().folded()),
                        Texts.number(each.counts().filtered()),
                        Texts.number(each.counts().bad()),
                        Texts.number(each.rows())));
    }

    private static boolean filters(RunSummary run) {
        return run.counts().filtered() > 0;
    }

    /** Returns the columns, without {@link #FILTERED} if the run filtered no record. */
    private static List<String> columns(RunSummary run, String... all) {
        List<String> columns = new ArrayList<>(List.of(all));
        if (!filters(run)) {
            columns.remove(FILTERED);
        }
        return columns;
    }

    /** Prints what became of each offset of the run. */
    static void printAccount(Printer printer, RunSummary run, Instant now, boolean cancelled) {
        printer.line(headline(run, now, cancelled));
        RecordCounts all = run.counts();
        printer.line("  " + Texts.number(run.offsetsDone()) + " offsets = " + Texts.number(all.folded()) + " folded + "
                + (filters(run) ? Texts.number(all.filtered()) + " filtered + " : "") + Texts.number(all.deadLettered())
                + " dead-lettered + " + Texts.number(all.skipped()) + " skipped + "
                + Texts.number(all.invisible()) + " invisible + " + Texts.number(all.lost()) + " lost"
                + (all.elsewhere() == 0 ? "" : " + " + Texts.number(all.elsewhere()) + " done by another run")
                + (all.offsets() == run.offsetsDone() ? "" : "; ERROR: the sum is " + Texts.number(all.offsets())));
        table(
                printer,
                run,
                columns(
                        run,
                        "partition",
                        "from",
                        "next",
                        "folded",
                        "filtered",
                        "dead letters",
                        "skipped",
                        "invisible",
                        "lost"),
                each -> columns(
                        run,
                        String.valueOf(each.partition()),
                        Texts.number(each.from()),
                        Texts.number(each.through()),
                        Texts.number(each.counts().folded()),
                        Texts.number(each.counts().filtered()),
                        Texts.number(each.counts().deadLettered()),
                        Texts.number(each.counts().skipped()),
                        Texts.number(each.counts().invisible()),
                        Texts.number(each.counts().lost())));
        printMessages(printer, run);
    }

    /**
     * Returns the summary for programs: times in ISO 8601, null for a time that has not come. {@code next} of a partition is
     * the next offset to read.
     */
    static ObjectNode json(RunSummary run) {
        ObjectNode json = JSON.valueToTree(run);
        json.put("startedAt", iso(run.startedAt())).put("endedAt", iso(run.endedAt()));
        ArrayNode details = json.putArray("details");
        for (PartitionResult each : run.details()) {
            details.addObject()
                    .put("partition", each.partition())
                    .put("from", each.from())
                    .put("next", each.through())
                    .put("rows", each.rows())
                    .putPOJO("counts", each.counts());
        }
        return json;
    }

    private static @Nullable String iso(long millis) {
        return millis == 0 ? null : Instant.ofEpochMilli(millis).toString();
    }

    private static void table(
            Printer printer, RunSummary run, List<String> header, Function<PartitionResult, List<String>> row) {
        if (run.details().isEmpty()) {
            return;
        }
        printer.line("");
        printer.table(
                header,
                run.details().stream()
                        .sorted(Comparator.comparingInt(PartitionResult::partition))
                        .limit(MAX_PARTITIONS)
                        .map(row)
                        .toList());
        if (run.details().size() > MAX_PARTITIONS) {
            printer.line("… and " + (run.details().size() - MAX_PARTITIONS) + " more; --json has them");
        }
    }

    private static void printMessages(Printer printer, RunSummary run) {
        for (PartitionProblem problem : run.problems()) {
            printer.line("partition " + problem.partition() + ": " + problem.kind() + ": " + problem.message());
        }
        for (String warning : run.warnings()) {
            printer.line("warning: " + warning);
        }
    }

    private static String headline(RunSummary run, Instant now, boolean cancelled) {
        Duration time = Duration.ofMillis(
                Math.max(0, (run.endedAt() == 0 ? now.toEpochMilli() : run.endedAt()) - run.startedAt()));
        String numbers = run.partitions() == 0
                ? "no plan of " + run.input()
                : run.offsetsPlanned() == 0
                        ? "nothing new in " + run.input()
                        : Texts.count(run.counts().folded(), "record") + " of " + run.input() + " into "
                                + Texts.count(run.rows(), "row") + " of " + run.output();
        if (cancelled) {
            return run.job() + ": cancelled after " + Texts.duration(time) + ": " + numbers;
        }
        return run.job() + ": "
                + switch (run.state()) {
                    case STARTING -> "starting";
                    case RUNNING -> "running for " + Texts.duration(time) + ": " + numbers;
                    case DONE -> "done in " + Texts.duration(time) + ": " + numbers;
                    case FAILED -> "failed after " + Texts.duration(time) + ": " + numbers;
                };
    }
}
