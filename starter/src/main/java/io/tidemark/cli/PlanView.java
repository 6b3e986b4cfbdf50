package io.tidemark.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.job.JobSpec;
import io.tidemark.run.PartitionPreview;
import io.tidemark.run.PartitionProblem;
import io.tidemark.run.RunPlan;
import io.tidemark.run.RunPreview;
import io.tidemark.run.TotalsPreview;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Formats what a run would do. */
final class PlanView {
    /** Partitions that are shown without {@code --all}: those with the most offsets. */
    static final int MOST_PARTITIONS = 32;

    /** Refused partitions that are named without {@code --all}: often all have the same reason. */
    private static final int MOST_PROBLEMS = 10;

    /** Output partitions with partial totals that are named; {@code --json} has all. */
    private static final int MOST_NAMED = 8;

    /** Times in the table are as exact as 80 columns allow; {@code --json} has all digits. */
    private static final DateTimeFormatter MINUTE = utc("yyyy-MM-dd HH:mm");

    private static final DateTimeFormatter DAY = utc("yyyy-MM-dd");

    private final JobSpec job;
    private final RunPreview preview;
    private final RunPlan plan;
    private final Instant nominal;
    private final List<PartitionPreview> shown;
    private final List<PartitionProblem> problems;

    PlanView(JobSpec job, RunPreview preview, Instant nominal, boolean all) {
        this.job = job;
        this.preview = preview;
        this.plan = preview.plan();
        this.nominal = nominal;
        this.shown = all
                ? preview.partitions()
                : preview.partitions().stream()
                        .filter(each -> !each.isIdle() || each.heldBack() > 0)
                        .sorted(Comparator.comparingLong(PartitionPreview::length)
                                .reversed()
                                .thenComparingInt(PartitionPreview::partition))
                        .limit(MOST_PARTITIONS)
                        .sorted(Comparator.comparingInt(PartitionPreview::partition))
                        .toList();
        this.problems = plan.problems()
                .subList(
                        0,
                        all
                                ? plan.problems().size()
                                : Math.min(MOST_PROBLEMS, plan.problems().size()));
    }

    void print(Printer printer) {
        printer.line(headline());
        printer.line("");
        printer.line(
                "  run          " + (preview.first() ? "the first one of the job" : "resumes at the stored progress"));
        printer.line("  at           " + Texts.time(nominal) + ", its nominal time");
        printer.line("  partitions   " + Texts.number(plan.partitions()) + ": " + Texts.number(reading())
                + " with new offsets, " + Texts.number(idle()) + " with nothing new, "
                + Texts.number(plan.problems().size()) + " refused");
        long added = count(PartitionPreview::first);
        if (!preview.first() && added > 0) {
            printer.line("  added        " + Texts.count(added, "partition") + ", read for the first time");
        }
        printer.line("  offsets      " + Texts.number(offsets()) + " to read"
                + (plan.left() == 0
                        ? ""
                        : "; " + Texts.number(plan.left()) + " left to the next run (" + plan.leftBy() + ")"));
        if (plan.heldBack() > 0) {
            printer.line("  held back    " + Texts.count(plan.heldBack(), "offset") + " behind open transactions");
        }
        if (lost() > 0) {
            printer.line("  lost         " + Texts.count(lost(), "offset")
                    + " that retention removed before they were read");
        }
        OptionalLong first = earliest();
        OptionalLong last = latest();
        if (first.isPresent() && last.isPresent()) {
            printer.line("  time         " + Texts.time(Instant.ofEpochMilli(first.getAsLong())) + " to "
                    + Texts.time(Instant.ofEpochMilli(last.getAsLong()))
                    + (timed() < reading() ? ", in " + timed() + " of these partitions" : ""));
        }
        long closing = count(PartitionPreview::closes);
        if (closing > 0) {
            printer.line("  closes       windows in " + Texts.count(closing, "partition"));
        }
        if (preview.totals() != null && !preview.totals().isEmpty()) {
            printer.line("  totals       " + waiting(preview.totals()));
        }
        preview.creates().forEach(each -> printer.line("  creates      topic " + each));
        preview.grows()
                .forEach(each -> printer.line(
                        "  grows        topic " + each + " to " + Texts.count(plan.partitions(), "partition")));
        printPartitions(printer);
        printMessages(printer);
    }

    /** What the second stage of the run would add besides what the first one writes. */
    private static String waiting(List<TotalsPreview> totals) {
        List<TotalsPreview> some =
                totals.stream().filter(each -> each.length() > 0).toList();
        long held = totals.stream().mapToLong(TotalsPreview::heldBack).sum();
        return (some.isEmpty()
                        ? "nothing is left over from earlier runs"
                        : Texts.count(
                                        some.stream()
                                                .mapToLong(TotalsPreview::length)
                                                .sum(),
                                        "offset")
                                + " left over from earlier runs, in "
                                + (some.size() > MOST_NAMED
                                        ? some.size() + " of " + totals.size() + " output partitions"
                                        : (some.size() == 1 ? "output partition " : "output partitions ")
                                                + some.stream()
                                                        .map(each -> String.valueOf(each.partition()))
                                                        .collect(Collectors.joining(", "))))
                + (held == 0 ? "" : "; " + Texts.number(held) + " held back");
    }

    private String headline() {
        String input = job.input().topic();
        return job.name() + ": a run would "
                + (offsets() == 0
                        ? "read nothing of " + input
                                + (count(PartitionPreview::closes) == 0 ? "" : " and close windows")
                        : "read " + Texts.count(offsets(), "offset") + " of " + input);
    }

    private void printPartitions(Printer printer) {
        if (shown.isEmpty()) {
            return;
        }
        Map<String, Function<PartitionPreview, String>> columns = new LinkedHashMap<>();
        columns.put("partition", each -> String.valueOf(each.partition()));
        columns.put("from", number(PartitionPreview::from));
        columns.put("next", number(PartitionPreview::to));
        columns.put("offsets", number(PartitionPreview::length));
        if (lost() > 0) {
            columns.put("lost", number(PartitionPreview::lost));
        }
        if (plan.heldBack() > 0) {
            columns.put("held", number(PartitionPreview::heldBack));
        }
        DateTimeFormatter format = lost() > 0 || plan.heldBack() > 0 ? DAY : MINUTE;
        columns.put("first (UTC)", time(format, PartitionPreview::firstTime));
        columns.put("last (UTC)", time(format, PartitionPreview::lastTime));
        printer.line("");
        printer.table(
                List.copyOf(columns.keySet()),
                shown.stream()
                        .map(each -> columns.values().stream()
                                .map(column -> column.apply(each))
                                .toList())
                        .toList());
        long more = count(each -> !each.isIdle() || each.heldBack() > 0) - shown.size();
        if (more > 0) {
            printer.line("… and " + Texts.number(more) + " more; --all shows each");
        }
    }

    private static Function<PartitionPreview, String> number(ToLongFunction<PartitionPreview> of) {
        return each -> Texts.number(of.applyAsLong(each));
    }

    private static DateTimeFormatter utc(String pattern) {
        return DateTimeFormatter.ofPattern(pattern, Locale.ROOT).withZone(ZoneOffset.UTC);
    }

    private static Function<PartitionPreview, String> time(
            DateTimeFormatter format, ToLongFunction<PartitionPreview> of) {
        return each -> {
            long millis = of.applyAsLong(each);
            return millis < 0 ? "" : format.format(Instant.ofEpochMilli(millis));
        };
    }

    private void printMessages(Printer printer) {
        if (!problems.isEmpty() || !plan.warnings().isEmpty()) {
            printer.line("");
        }
        for (PartitionProblem each : problems) {
            printer.line("partition " + each.partition() + ": " + each.kind() + ": " + each.message());
        }
        int more = plan.problems().size() - problems.size();
        if (more > 0) {
            printer.line("… and " + Texts.number(more) + " more refused; --all shows each");
        }
        plan.warnings().forEach(each -> printer.line("warning: " + each));
    }

    /** Returns the same for programs: times in ISO 8601, null for a time that is not known. */
    ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("job", job.name())
                .put("input", job.input().topic())
                .put("output", job.output().topic())
                .put("nominal", nominal.toString())
                .put("first", preview.first())
                .put("partitions", plan.partitions())
                .put("reading", reading())
                .put("idle", idle())
                .put("refused", plan.problems().size())
                .put("added", preview.first() ? 0 : count(PartitionPreview::first))
                .put("closing", count(PartitionPreview::closes))
                .put("offsets", offsets())
                .put("left", plan.left())
                .put("waiting", plan.waiting())
                .put("leftBy", plan.leftBy())
                .put("heldBack", plan.heldBack())
                .put("lost", lost())
                .put("firstTime", iso(earliest().orElse(-1)))
                .put("lastTime", iso(latest().orElse(-1)))
                .put("timed", timed());
        preview.creates().forEach(json.putArray("creates")::add);
        preview.grows().forEach(json.putArray("grows")::add);
        ArrayNode details = json.putArray("details");
        for (PartitionPreview each : shown) {
            details.addObject()
                    .put("partition", each.partition())
                    .put("first", each.first())
                    .put("from", each.from())
                    .put("next", each.to())
                    .put("offsets", each.length())
                    .put("lost", each.lost())
                    .put("heldBack", each.heldBack())
                    .put("closes", each.closes())
                    .put("firstTime", iso(each.firstTime()))
                    .put("lastTime", iso(each.lastTime()));
        }
        if (preview.totals() != null) {
            ArrayNode totals = json.putArray("totals");
            for (TotalsPreview each : preview.totals()) {
                totals.addObject()
                        .put("partition", each.partition())
                        .put("from", each.from())
                        .put("next", each.to())
                        .put("offsets", each.length())
                        .put("heldBack", each.heldBack());
            }
        }
        json.putPOJO("problems", problems);
        plan.warnings().forEach(json.putArray("warnings")::add);
        return json;
    }

    private static @Nullable String iso(long millis) {
        return millis < 0 ? null : Instant.ofEpochMilli(millis).toString();
    }

    private long offsets() {
        return sum(PartitionPreview::length);
    }

    private long lost() {
        return sum(PartitionPreview::lost);
    }

    private long reading() {
        return count(each -> each.length() > 0);
    }

    private long idle() {
        return plan.partitions() - plan.problems().size() - reading();
    }

    private long timed() {
        return count(each -> each.firstTime() >= 0);
    }

    private OptionalLong earliest() {
        return times().min();
    }

    private OptionalLong latest() {
        return times().max();
    }

    private LongStream times() {
        return preview.partitions().stream()
                .flatMap(each -> Stream.of(each.firstTime(), each.lastTime()))
                .mapToLong(Long::longValue)
                .filter(each -> each >= 0);
    }

    private long sum(ToLongFunction<PartitionPreview> of) {
        return preview.partitions().stream().mapToLong(of).sum();
    }

    private long count(Predicate<PartitionPreview> which) {
        return preview.partitions().stream().filter(which).count();
    }
}
