package io.tidemark.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.job.JobNames;
import io.tidemark.run.PartitionProblem;
import io.tidemark.run.PartitionResult;
import io.tidemark.run.RunSummary;
import io.tidemark.run.StateSize;
import io.tidemark.state.RecordCounts;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Formats the summary of a run. */
final class SummaryView {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Most partitions that are printed; {@code --json} has all. */
    private static final int MAX_PARTITIONS = 32;

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
                    + Texts.number(run.counts().skipped()) + " skipped" + reasons(run));
        }
        RunSummary totals = run.totals();
        if (totals != null) {
            printer.line("  totals       " + stage(totals));
        }
        if (run.counts().lost() > 0) {
            printer.line("  lost         " + Texts.count(run.counts().lost(), "offset")
                    + " that retention removed before they were read");
        }
        if (closes(run)) {
            printer.line("  closed       " + Texts.count(run.closedWindows(), "window") + ", "
                    + Texts.count(run.finalRows(), "final row") + "; "
                    + Texts.count(run.counts().late(), "late record"));
        }
        Map<String, ToLongFunction<PartitionResult>> columns = new LinkedHashMap<>();
        columns.put("from", PartitionResult::from);
        columns.put("next", PartitionResult::through);
        columns.put("records", each -> each.counts().folded());
        if (filters(run)) {
            columns.put("filtered", each -> each.counts().filtered());
        }
        columns.put("bad", each -> each.counts().bad());
        if (run.totals() == null) {
            columns.put("rows", PartitionResult::rows);
        }
        table(printer, run, columns);
    }

    /** The second stage of a run: how far the partitions of the output are. */
    private static String stage(RunSummary totals) {
        return Texts.count(totals.partitions(), "output partition") + ": " + totals.done() + " done, " + totals.idle()
                + " with nothing new, " + totals.failed() + " failed; "
                + Texts.count(totals.counts().folded(), "record") + " of partial totals"
                + (totals.heldBack() == 0
                        ? ""
                        : "; " + Texts.number(totals.heldBack()) + " offsets held back by open transactions");
    }

    /** The bad records by reason, those with the most first: {@code : 3 NOT_JSON, 1 BAD_TIME}; empty if no reason is known. */
    private static String reasons(RunSummary run) {
        return run.counts().reasons().entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                .map(each -> Texts.number(each.getValue()) + " " + each.getKey())
                .collect(Collectors.collectingAndThen(
                        Collectors.joining(", "), text -> text.isEmpty() ? "" : ": " + text));
    }

    private static boolean filters(RunSummary run) {
        return run.counts().filtered() > 0;
    }

    /** Prints what became of each offset of the run. */
    static void printAccount(Printer printer, RunSummary run, Instant now, boolean cancelled) {
        printer.line(headline(run, now, cancelled));
        RecordCounts all = run.counts();
        printer.line("  " + Texts.number(run.offsetsDone()) + " offsets = " + Texts.number(all.folded()) + " folded + "
                + (filters(run) ? Texts.number(all.filtered()) + " filtered + " : "") + Texts.number(all.deadLettered())
                + " dead-lettered + " + Texts.number(all.skipped()) + " skipped + "
                + (all.late() == 0 ? "" : Texts.number(all.late()) + " late + ")
                + Texts.number(all.invisible()) + " invisible + " + Texts.number(all.lost()) + " lost"
                + (all.elsewhere() == 0 ? "" : " + " + Texts.number(all.elsewhere()) + " done by another run")
                + (all.offsets() == run.offsetsDone() ? "" : "; ERROR: the sum is " + Texts.number(all.offsets())));
        if (!all.reasons().isEmpty()) {
            printer.line("  bad records" + reasons(run));
        }
        RunSummary totals = run.totals();
        if (totals != null) {
            printer.line("  totals: " + stage(totals));
        }
        if (closes(run)) {
            printer.line("  " + Texts.count(run.closedWindows(), "window") + " closed, "
                    + Texts.count(run.finalRows(), "final row") + " of " + Texts.number(run.rows()));
        }
        StateSize size = run.stateSize();
        if (size != null) {
            printer.line("  stored totals: " + Texts.count(size.cells(), "cell")
                    + (size.bytes() == null ? "" : ", " + Texts.bytes(size.bytes())));
        }
        Map<String, ToLongFunction<PartitionResult>> columns = new LinkedHashMap<>();
        columns.put("from", PartitionResult::from);
        columns.put("next", PartitionResult::through);
        columns.put("folded", each -> each.counts().folded());
        if (filters(run)) {
            columns.put("filtered", each -> each.counts().filtered());
        }
        columns.put("dead letters", each -> each.counts().deadLettered());
        columns.put("skipped", each -> each.counts().skipped());
        if (closes(run)) {
            columns.put("late", each -> each.counts().late());
        }
        columns.put("invisible", each -> each.counts().invisible());
        columns.put("lost", each -> each.counts().lost());
        if (closes(run)) {
            columns.put("closed", PartitionResult::closedWindows);
            columns.put("final rows", PartitionResult::finalRows);
        }
        table(printer, run, columns);
        printMessages(printer, run);
    }

    /** Whether the run closed windows or met records of closed ones. */
    private static boolean closes(RunSummary run) {
        return run.closedWindows() > 0 || run.counts().late() > 0;
    }

    /**
     * Returns the summary for programs: times in ISO 8601, null for a time that has not come. {@code next} of a partition is
     * the next offset to read.
     */
    static ObjectNode json(RunSummary run) {
        ObjectNode json = JSON.valueToTree(run);
        json.put("startedAt", iso(run.startedAt())).put("endedAt", iso(run.endedAt()));
        if (run.totals() != null) {
            json.set("totals", json(run.totals()));
        }
        ArrayNode details = json.putArray("details");
        for (PartitionResult each : run.details()) {
            details.addObject()
                    .put("partition", each.partition())
                    .put("from", each.from())
                    .put("next", each.through())
                    .put("rows", each.rows())
                    .<ObjectNode>set("counts", JSON.valueToTree(each.counts()))
                    .put("finalRows", each.finalRows())
                    .put("closedWindows", each.closedWindows());
        }
        return json;
    }

    private static @Nullable String iso(long millis) {
        return millis == 0 ? null : Instant.ofEpochMilli(millis).toString();
    }

    /** Prints the first partitions with these numbers, by the names of their columns. */
    private static void table(Printer printer, RunSummary run, Map<String, ToLongFunction<PartitionResult>> columns) {
        if (run.details().isEmpty()) {
            return;
        }
        printer.line("");
        printer.table(
                Stream.concat(Stream.of("partition"), columns.keySet().stream()).toList(),
                run.details().stream()
                        .sorted(Comparator.comparingInt(PartitionResult::partition))
                        .limit(MAX_PARTITIONS)
                        .map(each -> Stream.concat(
                                        Stream.of(String.valueOf(each.partition())),
                                        columns.values().stream().map(of -> Texts.number(of.applyAsLong(each))))
                                .toList())
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
        RunSummary totals = run.totals();
        if (totals != null) {
            totals.problems()
                    .forEach(each -> printer.line(
                            "output partition " + each.partition() + ": " + each.kind() + ": " + each.message()));
            totals.warnings().forEach(each -> printer.line("warning: " + each));
        }
    }

    private static String headline(RunSummary run, Instant now, boolean cancelled) {
        Duration time = Duration.ofMillis(
                Math.max(0, (run.endedAt() == 0 ? now.toEpochMilli() : run.endedAt()) - run.startedAt()));
        String numbers = run.partitions() == 0
                ? "no plan of " + run.input()
                : run.offsetsPlanned() == 0
                        ? "nothing new in " + run.input()
                                + (run.closedWindows() == 0
                                        ? ""
                                        : ", " + Texts.count(run.closedWindows(), "window") + " closed")
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
