package io.tidemark.cli;

import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.TemporalAdjusters;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The runs on a calendar, in UTC: a cell for each day, hour or five minutes, coloured by the worst outcome in it. */
final class ReportCalendar {
    private static final int CELL = 18;
    private static final int GAP = 3;
    private static final int LEFT = 64;
    private static final int TOP = 18;

    private static final long HOUR = 3_600;
    private static final long DAY = 24 * HOUR;

    /** Cells of older runs are left out. */
    private static final int MOST_LINES = 53;

    private final Html html;
    private final List<ReportRun> runs;
    private final Instant now;

    ReportCalendar(Html html, List<ReportRun> runs, Instant now) {
        this.html = html;
        this.runs = runs;
        this.now = now;
    }

    void write() {
        long cell = cell();
        Map<Long, List<ReportRun>> cells = new TreeMap<>(runs.stream()
                .collect(Collectors.groupingBy(
                        each -> Math.floorDiv(each.started().getEpochSecond(), cell) * cell)));
        html.raw("\n").open("section", "class", "card").element("h3", "Calendar");
        html.element(
                "p",
                "Runs of each " + (cell == DAY ? "day" : cell == HOUR ? "hour" : "five minutes")
                        + ", in UTC, coloured by the worst outcome.",
                "class",
                "muted");
        html.open("div", "class", "scroll");
        if (cell == DAY) {
            weeks(cells);
        } else {
            lines(cells, cell, cell == HOUR ? 24 : 12);
        }
        html.close("div");
        legend();
        html.close("section");
    }

    /** Returns the seconds of a cell: the finest in which the runs do not take too many. */
    private long cell() {
        Instant first = runs.get(runs.size() - 1).started();
        Instant last = runs.get(0).started();
        long span = Duration.between(first, last).toSeconds();
        List<Long> gaps = new ArrayList<>();
        for (int i = 1; i < runs.size(); i++) {
            gaps.add(Duration.between(runs.get(i).started(), runs.get(i - 1).started())
                    .toSeconds());
        }
        gaps.sort(Comparator.naturalOrder());
        long usual = gaps.isEmpty() ? DAY : gaps.get(gaps.size() / 2);
        return usual < HOUR / 2 && span < DAY / 2 ? HOUR / 12 : usual < DAY / 2 && span < 31 * DAY ? HOUR : DAY;
    }

    /** A column for each week. */
    private void weeks(Map<Long, List<ReportRun>> cells) {
        List<Long> days = new ArrayList<>(cells.keySet());
        LocalDate last = date(days.get(days.size() - 1));
        LocalDate first = date(days.get(0)).with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY));
        LocalDate oldest = last.minusWeeks(MOST_LINES - 1).with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY));
        LocalDate from = first.isBefore(oldest) ? oldest : first;
        int weeks =
                (int) Duration.between(from.atStartOfDay(), last.atStartOfDay()).toDays() / 7 + 1;
        svg(LEFT + weeks * CELL, TOP + 7 * CELL);
        for (DayOfWeek day : new DayOfWeek[] {DayOfWeek.MONDAY, DayOfWeek.WEDNESDAY, DayOfWeek.FRIDAY}) {
            label(0, TOP + (day.getValue() - 1) * CELL + 12, title(day.name()));
        }
        // Two names need room for three columns; a month that soon ends gives way to the next one.
        int labelled = -3;
        for (LocalDate day = from; !day.isAfter(last); day = day.plusDays(1)) {
            int column = (int) Duration.between(from.atStartOfDay(), day.atStartOfDay())
                            .toDays()
                    / 7;
            boolean named = day.getDayOfMonth() == 1 || (day.equals(from) && day.getDayOfMonth() < 12);
            if (named && column >= labelled + 3) {
                label(LEFT + column * CELL, 12, title(day.getMonth().name()));
                labelled = column;
            }
            long time = day.atStartOfDay().toEpochSecond(ZoneOffset.UTC);
            cell(
                    LEFT + column * CELL,
                    TOP + (day.getDayOfWeek().getValue() - 1) * CELL,
                    day.toString(),
                    cells.getOrDefault(time, List.of()));
        }
        html.close("svg");
    }

    /** A line for each day of hours, or for each hour of minutes. */
    private void lines(Map<Long, List<ReportRun>> cells, long cell, int columns) {
        long length = cell * columns;
        List<Long> times = new ArrayList<>(cells.keySet());
        long last = Math.floorDiv(times.get(times.size() - 1), length);
        long first = Math.max(Math.floorDiv(times.get(0), length), last - MOST_LINES + 1);
        svg(LEFT + columns * CELL, TOP + (int) (last - first + 1) * CELL);
        for (int column = 0; column < columns; column += columns / 4) {
            label(
                    LEFT + column * CELL,
                    12,
                    String.format(Locale.ROOT, cell == HOUR ? "%02d:00" : ":%02d", cell == HOUR ? column : column * 5));
        }
        for (long line = first; line <= last; line++) {
            int y = TOP + (int) (line - first) * CELL;
            String text = Texts.time(Instant.ofEpochSecond(line * length));
            label(0, y + 12, cell == HOUR ? text.substring(5, 10) : text.substring(11, 16));
            for (int column = 0; column < columns; column++) {
                long time = line * length + column * cell;
                String name = Texts.time(Instant.ofEpochSecond(time)).substring(0, 16);
                cell(LEFT + column * CELL, y, name, cells.getOrDefault(time, List.of()));
            }
        }
        html.close("svg");
    }

    private void svg(int width, int height) {
        html.open(
                "svg", "class", "calendar", "width", width, "height", height, "role", "img", "aria-label", "Calendar");
    }

    private void label(int x, int y, String text) {
        html.element("text", text, "x", x, "y", y);
    }

    private void cell(int x, int y, String name, List<ReportRun> inCell) {
        int size = CELL - GAP;
        String title = name + ": "
                + (inCell.isEmpty()
                        ? "no run"
                        : inCell.stream()
                                .map(each -> each.sentence(now))
                                .limit(8)
                                .collect(Collectors.joining(
                                        "\n", inCell.size() == 1 ? "" : inCell.size() + " runs\n", "")));
        RunOutcome worst = inCell.stream()
                .map(ReportRun::outcome)
                .max(Comparator.naturalOrder())
                .orElse(null);
        html.open("g").element("title", title);
        html.empty(
                "rect",
                "class",
                worst == null ? "cell none" : "cell o " + worst.jsonName(),
                "x",
                x,
                "y",
                y,
                "width",
                size,
                "height",
                size,
                "rx",
                3);
        if (worst != null && !worst.symbol().isEmpty()) {
            html.element("text", worst.symbol(), "class", "symbol", "x", x + size / 2.0, "y", y + 11.5);
        }
        html.close("g");
    }

    private void legend() {
        html.open("p", "class", "legend");
        runs.stream()
                .map(ReportRun::outcome)
                .distinct()
                .sorted()
                .forEach(each -> html.open("span", "class", "key " + each.jsonName())
                        .element("i", "")
                        .text(" " + each.text())
                        .close("span"));
        html.close("p");
    }

    private static LocalDate date(long seconds) {
        return LocalDate.ofEpochDay(Math.floorDiv(seconds, DAY));
    }

    private static String title(String name) {
        return name.substring(0, 1) + name.substring(1, 3).toLowerCase(Locale.ROOT);
    }
}
