package io.tidemark.job;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Finds the time pattern that was meant by one whose letters are mixed up: {@code MM} for {@code mm}, for example. */
final class MeantPattern {
    /** The letters that are mixed up, with what they mean. */
    private static final Map<Character, String> MEANINGS = Map.of(
            'h', "the hour from 1 to 12 and needs a for AM or PM",
            'K', "the hour from 0 to 11 and needs a for AM or PM",
            'M', "the month",
            'm', "the minute",
            'S', "a decimal of the second",
            's', "the second",
            'D', "the day of the year",
            'Y', "the year of a week");

    /** All sets of this many replacements are tried. */
    private static final int MOST_REPLACEMENTS = 8;

    private MeantPattern() {}

    /** A run of letters, and what may have been meant by it. */
    private record Replacement(PatternText.Run run, String by) {}

    /** {@code "; did you mean 'yyyy-MM-dd HH:mm'? hh is the hour from 1 to 12 …"}; empty without a right pattern. */
    static String hint(String pattern) {
        List<Replacement> possible = possible(PatternText.of(pattern));
        // The fewest replacements first.
        List<Integer> sets = IntStream.range(1, 1 << possible.size())
                .boxed()
                .sorted(Comparator.comparing(Integer::bitCount))
                .toList();
        for (int set : sets) {
            List<Replacement> chosen = new ArrayList<>();
            for (int i = 0; i < possible.size(); i++) {
                if ((set >> i & 1) != 0) {
                    chosen.add(possible.get(i));
                }
            }
            String meant = replaced(pattern, chosen);
            if (TimePatternCheck.problem(meant) == null) {
                return "; did you mean '" + meant + "'?" + meanings(pattern, chosen);
            }
        }
        return "";
    }

    private static List<Replacement> possible(PatternText text) {
        List<Replacement> possible = new ArrayList<>();
        for (int i = 0; i < text.runs().size() && possible.size() < MOST_REPLACEMENTS; i++) {
            PatternText.Run run = text.runs().get(i);
            String by = meant(run.letter(), run.end() - run.start(), text.letter(i - 1), text.letter(i + 1));
            if (by != null) {
                possible.add(new Replacement(run, by));
            }
        }
        return possible;
    }

    private static @Nullable String meant(char letter, int width, char before, char after) {
        return switch (letter) {
            case 'h', 'K' -> "H".repeat(width);
            case 'Y' -> "y".repeat(width);
            case 'D' -> "d".repeat(Math.min(width, 2));
            case 'M' -> isClock(before) ? "mm" : null;
            case 'm' -> isClock(before) || isClock(after) ? null : "MM";
            case 'S' -> before == 'm' || before == 'M' ? "ss" : null;
            case 's' -> before == 's' ? "S".repeat(width) : null;
            case 'z', 'v' -> "VV";
            default -> null;
        };
    }

    private static boolean isClock(char letter) {
        return "HhKks".indexOf(letter) >= 0;
    }

    private static String replaced(String pattern, List<Replacement> chosen) {
        StringBuilder meant = new StringBuilder();
        int done = 0;
        for (Replacement each : chosen) {
            meant.append(pattern, done, each.run.start()).append(each.by);
            done = each.run.end();
        }
        return meant.append(pattern.substring(done)).toString();
    }

    private static String meanings(String pattern, List<Replacement> chosen) {
        Set<String> meanings = new LinkedHashSet<>();
        for (Replacement each : chosen) {
            String meaning = MEANINGS.get(each.run.letter());
            if (meaning != null) {
                meanings.add(pattern.substring(each.run.start(), each.run.end()) + " is " + meaning);
            }
        }
        return meanings.isEmpty() ? "" : " " + String.join("; ", meanings);
    }
}
