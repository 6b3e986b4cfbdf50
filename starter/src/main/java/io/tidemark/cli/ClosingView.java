package io.tidemark.cli;

import io.tidemark.job.CloseSpec;
import io.tidemark.job.InputSpec;
import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
import io.tidemark.job.OutputSpec;
import io.tidemark.job.form.Times;
import io.tidemark.window.RowWindows;
import io.tidemark.window.WindowAssigner;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Says in sentences what {@code close}, {@code output.emit} and {@code input.until} mean for a job, and how fast the state of
 * a job without {@code close} grows.
 */
final class ClosingView {
    /** The groups of a partition in the examples. */
    private static final int GROUPS = 1_000;

    /** With more open windows than this, the progress record has hundreds of kilobytes. */
    private static final long MANY_WINDOWS = 20_000;

    /** What a progress record needs for a window: its start, and the place and the length of its totals. */
    private static final int LEAST_BYTES = 9;

    private static final int MOST_BYTES = 15;

    private static final Duration YEAR = Duration.ofDays(365);

    /** From here on, a number of days is shown in years. */
    private static final double MANY_DAYS = 3_650;

    private final JobSpec job;

    private ClosingView(JobSpec job) {
        this.job = job;
    }

    /** Returns the sentences; none for a job without windows that reads to the end of its input. */
    static List<String> sentences(JobSpec job) {
        ClosingView view = new ClosingView(job);
        CloseSpec close = job.close();
        List<String> all = new ArrayList<>();
        if (close != null) {
            all.addAll(close.by() == CloseSpec.By.RUN ? view.byRun(close) : view.byEventTime(close));
            all.add(view.late(close));
            all.add(
                    job.output().emit() == OutputSpec.Emit.FINAL
                            ? "A row is written once, by the batch that closes its window, and never again."
                            : "Each batch writes the rows that it changes. When its window is closed, a row does not change"
                                    + " any more.");
        }
        if (job.window().span() > 1) {
            all.add(view.overlap());
        }
        if (job.input().until() == InputSpec.Until.NOMINAL) {
            all.add("A run reads each partition up to the first record whose Kafka timestamp is at or after the run's"
                    + " nominal time. So a run that starts late reads the same records.");
        }
        Duration length = view.length();
        if (!length.isZero()) {
            all.addAll(close == null ? List.of(view.growth(length)) : view.size(close, length));
        }
        return all;
    }

    private List<String> byRun(CloseSpec close) {
        return List.of(
                "A run closes each window that ended at least " + Times.text(close.after())
                        + " before the run's nominal"
                        + " time. That is the time of its schedule, or --at, or else its start.",
                "The run of " + closingTime(close) + " closes " + examples() + ".",
                "It closes them in each partition whose records of before that time it has read. If a budget, a limit, a"
                        + " failure or an open transaction prevents that, the windows stay open until a later run.");
    }

    private List<String> byEventTime(CloseSpec close) {
        String idle = job.output().emit() == OutputSpec.Emit.FINAL
                ? "A partition without new records closes nothing, so the rows of its last windows are not written until it"
                        + " gets newer records."
                : "A partition without new records closes nothing.";
        String ahead = job.input().timestamp().field() == null
                ? "close.maxAhead has no effect, because the time of a record is its Kafka timestamp."
                : "A record whose time is more than " + Times.text(close.maxAhead())
                        + " after its Kafka timestamp is a bad record (AHEAD_OF_TIME).";
        return List.of(
                "A batch closes each window that ended at least " + Times.text(close.after())
                        + " before the watermark, which is the greatest time of the partition's records so far.",
                "A record of " + closingTime(close) + " closes " + examples() + " in its partition.",
                idle,
                ahead);
    }

    private String late(CloseSpec close) {
        return (job.window().span() == 1
                        ? "A record of a window that an earlier batch has closed is late: it "
                        : "A record is late if an earlier batch has closed the first of its windows: it ")
                + (close.late() == CloseSpec.Late.DEAD_LETTER
                        ? "goes to " + JobNames.deadLetterTopic(job.output().topic()) + " with the reason LATE."
                        : "is only counted.");
    }

    /** Says how many rows a record changes, and what to do about it. */
    private String overlap() {
        String span = Texts.number(job.window().span());
        return "Windows overlap: a record is in " + span + " of them. "
                + (job.output().emit() == OutputSpec.Emit.FINAL
                        ? "A row is written for each " + every() + " and group."
                        : "A batch writes " + span + " rows for each " + every()
                                + " and group that it has records of. To write"
                                + " each row once, set close and output.emit: final.");
    }

    /** Says how many cells are open at a time, and warns where a part of the job works against another. */
    private List<String> size(CloseSpec close, Duration length) {
        List<String> all = new ArrayList<>();
        // Those that wait for their closing, the one that is not over yet, and the closed ones that open windows
        // contain.
        long open = close.after().dividedBy(length) + 1 + job.window().span();
        if (!job.groupBy().isEmpty()) {
            all.add("About "
                    + (job.window().span() == 1
                            ? Texts.count(open, "window") + " of a partition are open"
                            : Texts.count(open, "pane") + " (one for each " + every() + ") of a partition are kept")
                    + " at a time, so limits.cells ("
                    + Texts.number(job.limits().cells()) + ") is enough for about "
                    + Texts.count(job.limits().cells() / open, "group") + " in a partition.");
        }
        if (open > MANY_WINDOWS) {
            all.add("Warning: the progress record of a partition needs " + LEAST_BYTES + " to " + MOST_BYTES
                    + " bytes for each open window, " + Texts.number(open * LEAST_BYTES / 1_000) + " to "
                    + Texts.number(open * MOST_BYTES / 1_000)
                    + " KB in all, and each batch writes it again. Choose longer windows or a shorter close.after.");
        }
        if (job.output().emit() == OutputSpec.Emit.FINAL && job.output().dataLoss() == InputSpec.DataLoss.CONTINUE) {
            all.add(
                    "Warning: output.dataLoss is continue, but a final row that the brokers lose is not written again,"
                            + " because the state no longer has its totals. With fail, the partition fails and names the loss.");
        }
        return all;
    }

    private String growth(Duration length) {
        int groups = job.groupBy().isEmpty() ? 1 : GROUPS;
        boolean daily = length.compareTo(Duration.ofDays(1)) <= 0;
        double windows = (double) (daily ? Duration.ofDays(1) : YEAR).toMillis() / length.toMillis();
        double days = job.limits().cells() / (windows * groups) * (daily ? 1 : YEAR.toDays());
        return "Windows stay open, because the job has no close, so its state grows with its age. A partition"
                + (groups == 1 ? "" : " with " + Texts.number(groups) + " groups") + " gets "
                + Texts.count(Math.round(windows * groups), "cell") + " a " + (daily ? "day" : "year") + " ("
                + Texts.count(Math.round(windows), "window")
                + (groups == 1 ? "" : " of " + Texts.number(groups) + " groups")
                + ") and reaches limits.cells (" + Texts.number(job.limits().cells()) + ") after "
                + (days < MANY_DAYS
                        ? Texts.count((long) days, "day")
                        : Texts.count((long) (days / YEAR.toDays()), "year"))
                + ". If records arrive at most some days late, add for example close: { after: 7d }.";
    }

    private String every() {
        return job.window()
                .match(calendar -> calendar.every().jsonName(), tumbling -> Times.text(tumbling.every()), none -> "");
    }

    /** Returns {@code the day 2006-12-23 and all days before it}. */
    private String examples() {
        String noun = job.window().span() > 1
                ? "window"
                : job.window()
                        .match(
                                calendar -> calendar.every().name().toLowerCase(Locale.ROOT),
                                tumbling -> "window",
                                none -> "");
        long pane = WindowAssigner.of(job.window()).start(ExampleRecord.TIME.toEpochMilli());
        return "the " + noun + " " + RowWindows.of(job.window()).text(pane) + " and all " + noun + "s before it";
    }

    /** Returns the time that closes the window of the example record. */
    private String closingTime(CloseSpec close) {
        WindowAssigner windows = WindowAssigner.of(job.window());
        ZoneId zone =
                job.window().match(calendar -> calendar.zone(), tumbling -> ZoneOffset.UTC, none -> ZoneOffset.UTC);
        long end = windows.end(windows.start(ExampleRecord.TIME.toEpochMilli()));
        return Texts.time(Instant.ofEpochMilli(end).plus(close.after()), zone);
    }

    /** Returns the usual length of a window; zero if the job has none. */
    private Duration length() {
        return job.window()
                .match(
                        calendar -> switch (calendar.every()) {
                            case HOUR -> Duration.ofHours(1);
                            case DAY -> Duration.ofDays(1);
                            case WEEK -> Duration.ofDays(7);
                            case MONTH -> YEAR.dividedBy(12);
                            case QUARTER -> YEAR.dividedBy(4);
                            case YEAR -> YEAR;
                        },
                        tumbling -> tumbling.every(),
                        none -> Duration.ZERO);
    }
}
