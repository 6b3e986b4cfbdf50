package io.tidemark.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The demo's rows as a table with bars: one line for each row, and beside those that a run changed what they said before.
 *
 * <p>The bars begin a little below the smallest value, for voltages differ by a percent and bars from zero would all look
 * alike; so they compare rows and do not measure them.
 */
final class RowChart {

    private static final int BAR = 24;
    private static final String EIGHTHS = " ▏▎▍▌▋▊▉";

    /** A row's place: the output partition and the key. */
    record Place(int partition, String key) implements Comparable<Place> {
        @Override
        public int compareTo(Place other) {
            int byKey = key.compareTo(other.key);
            return byKey != 0 ? byKey : Integer.compare(partition, other.partition);
        }
    }

    private RowChart() {}

    /** The {@code number} of each row, from rows in the form of {@code results --json}. */
    static Map<Place, Double> values(List<JsonNode> rows, String number) {
        Map<Place, Double> values = new TreeMap<>();
        for (JsonNode row : rows) {
            values.put(
                    new Place(row.path("partition").asInt(), row.path("key").asText()),
                    row.path("value").path(number).asDouble());
        }
        return values;
    }

    /** How many rows have another value than before; new rows do not count. */
    static long corrected(Map<Place, Double> before, Map<Place, Double> after) {
        return after.entrySet().stream()
                .filter(each ->
                        before.containsKey(each.getKey()) && !each.getValue().equals(before.get(each.getKey())))
                .count();
    }

    static List<String> lines(Map<Place, Double> before, Map<Place, Double> after) {
        double smallest =
                after.values().stream().mapToDouble(each -> each).min().orElse(0);
        double largest = after.values().stream().mapToDouble(each -> each).max().orElse(0);
        double from = smallest - (largest - smallest) / 4;
        double span = largest - from;
        List<String> lines = new ArrayList<>();
        lines.add("date        partition  voltage");
        after.forEach((place, value) -> {
            Double old = before.get(place);
            String note = old == null
                    ? before.isEmpty() ? "" : "new"
                    : old.equals(value) ? "" : String.format(Locale.ROOT, "corrected, was %.2f", old);
            lines.add(String.format(
                            Locale.ROOT,
                            "%-10s  %9d  %7.2f  %-" + BAR + "s  %s",
                            place.key(),
                            place.partition(),
                            value,
                            bar(span == 0 ? 1 : (value - from) / span),
                            note)
                    .stripTrailing());
        });
        return lines;
    }

    /** A bar of {@code share} of the full width, to an eighth of a character. */
    static String bar(double share) {
        int eighths = (int) Math.round(Math.max(0, Math.min(1, share)) * BAR * 8);
        String bar = "█".repeat(eighths / 8);
        return eighths % 8 == 0 ? bar : bar + EIGHTHS.charAt(eighths % 8);
    }
}
