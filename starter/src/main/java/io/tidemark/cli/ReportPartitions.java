package io.tidemark.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;

/** A heat map of the partitions of a run by their offsets: which are hot, which failed. Many share a cell. */
final class ReportPartitions {
    private static final int MOST_CELLS = 500;
    private static final int COLUMNS = 50;
    private static final int WIDTH = 1_000;

    /** Cells of this width have room for the number of their partition. */
    private static final int WITH_NUMBER = 34;

    private static final int LEVELS = 5;

    private final Html html;
    private final JsonNode known;
    private final ReportRun run;
    private final int partitions;
    private final int inCell;

    private final long[] offsets;
    private final long[] bad;
    private final long[] rows;
    private final int[] knownInCell;
    private final int[] failed;

    /** {@code known} is what {@link RunSteps#partitions} returned. */
    ReportPartitions(Html html, JsonNode known, ReportRun run) {
        this.html = html;
        this.known = known;
        this.run = run;
        int highest = 0;
        for (JsonNode each : known) {
            highest = Math.max(highest, each.path(0).asInt() + 1);
        }
        partitions = (int) Math.min(1_000_000, Math.max(highest, run.number("partitions")));
        inCell = perCell(partitions);
        int cells = (partitions + inCell - 1) / inCell;
        offsets = new long[cells];
        bad = new long[cells];
        rows = new long[cells];
        knownInCell = new int[cells];
        failed = new int[cells];
        for (JsonNode each : known) {
            int cell = each.path(0).asInt() / inCell;
            if (each.path(0).asInt() >= 0 && cell < cells) {
                offsets[cell] += each.path(1).asLong();
                bad[cell] += each.path(2).asLong();
                rows[cell] += each.path(3).asLong();
                failed[cell] += each.path(4).asInt();
                knownInCell[cell]++;
            }
        }
    }

    /** Returns 1, 2, 5, 10, 20 ...: the number of partitions of a cell so that the cells are not too many. */
    static int perCell(int partitions) {
        int size = 1;
        for (int i = 0; (partitions + size - 1) / size > MOST_CELLS; i++) {
            size = i % 3 == 1 ? size / 2 * 5 : size * 2;
        }
        return size;
    }

    void write() {
        if (known.isEmpty()) {
            return;
        }
        html.raw("\n").open("section", "class", "card").element("h3", "Partitions");
        html.element("p", sentence(), "class", "muted");
        int columns = Math.min(COLUMNS, offsets.length);
        int size = Math.min(72, WIDTH / columns);
        int height = Math.min(size, 44);
        int lines = (offsets.length + columns - 1) / columns;
        html.open(
                "svg",
                "class",
                "chart heat",
                "viewBox",
                "0 0 " + WIDTH + " " + lines * height,
                "role",
                "img",
                "aria-label",
                "Partitions");
        long most = Arrays.stream(offsets).max().orElse(0);
        for (int cell = 0; cell < offsets.length; cell++) {
            int x = cell % columns * size;
            int y = cell / columns * height;
            html.open("g").element("title", title(cell));
            html.empty(
                    "rect",
                    "class",
                    "q" + level(offsets[cell], most) + (failed[cell] > 0 ? " bad" : ""),
                    "x",
                    x + 1,
                    "y",
                    y + 1,
                    "width",
                    size - 3,
                    "height",
                    height - 3,
                    "rx",
                    2);
            if (size >= WITH_NUMBER && inCell == 1) {
                html.element(
                        "text",
                        Integer.toString(cell),
                        "class",
                        level(offsets[cell], most) >= 3 ? "middle over" : "middle",
                        "x",
                        x + size / 2.0,
                        "y",
                        y + height / 2.0 + 3);
            }
            html.close("g");
        }
        html.close("svg").open("p", "class", "legend");
        key("q0", "nothing read");
        for (int level = 1; level <= LEVELS; level++) {
            key("q" + level, "to " + Texts.number(Math.max(1, most * level / LEVELS)));
        }
        if (Arrays.stream(failed).anyMatch(each -> each > 0)) {
            key("bad", "failed");
        }
        html.close("p").close("section");
    }

    private void key(String kind, String text) {
        html.open("span", "class", "key " + kind)
                .element("i", "")
                .text(" " + text)
                .close("span");
    }

    /** 0 for nothing, else 1 to {@link #LEVELS}. */
    static int level(long offsets, long most) {
        return offsets <= 0 ? 0 : (int) Math.min(LEVELS, 1 + (offsets * LEVELS - 1) / Math.max(1, most));
    }

    private String sentence() {
        long sum = Arrays.stream(offsets).sum();
        long read = 0;
        long most = 0;
        int hottest = 0;
        for (JsonNode each : known) {
            read += each.path(1).asLong() > 0 ? 1 : 0;
            if (each.path(1).asLong() > most) {
                most = each.path(1).asLong();
                hottest = each.path(0).asInt();
            }
        }
        StringBuilder text = new StringBuilder("Offsets of each ")
                .append(inCell == 1 ? "partition" : inCell + " partitions")
                .append(" in the run of ")
                .append(Texts.time(run.started()))
                .append(".");
        if (read > 0) {
            text.append(" Partition ").append(hottest).append(" had the most: ").append(Texts.number(most));
            text.append(", the mean of those with new records is ")
                    .append(Texts.number(sum / read))
                    .append(".");
        }
        if (sum < run.number("offsetsDone")) {
            text.append(" Only the ").append(Texts.number(read)).append(" partitions with the most records are known.");
        }
        return text.toString();
    }

    private String title(int cell) {
        int first = cell * inCell;
        int last = Math.min(partitions, first + inCell) - 1;
        return (first == last ? "partition " + first : "partitions " + first + " to " + last) + ": "
                + (knownInCell[cell] == 0
                        ? "nothing known"
                        : Texts.count(offsets[cell], "offset") + ", " + Texts.count(bad[cell], "bad record") + ", "
                                + Texts.count(rows[cell], "row"))
                + (failed[cell] == 0 ? "" : inCell == 1 ? ", failed" : ", " + failed[cell] + " failed");
    }
}
