package io.tidemark.job;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The letters and the optional sections of a pattern of {@link java.time.format.DateTimeFormatter}.
 *
 * @param pattern the pattern
 * @param runs its letters, without quoted text
 * @param sectionOf for each character the innermost optional section that it is in, or -1; a bracket is in its section
 * @param parents for each section the section around it, or -1
 */
record PatternText(String pattern, List<Run> runs, int[] sectionOf, List<Integer> parents) {
    /** One letter, once or several times. */
    record Run(char letter, int start, int end) {}

    /** Reads a pattern that the formatter accepts. */
    static PatternText of(String pattern) {
        List<Run> runs = new ArrayList<>();
        List<Integer> parents = new ArrayList<>();
        int[] sectionOf = new int[pattern.length()];
        Deque<Integer> open = new ArrayDeque<>(List.of(-1));
        boolean quoted = false;
        for (int i = 0; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            if (c == '[' && !quoted) {
                parents.add(open.getLast());
                open.addLast(parents.size() - 1);
            }
            sectionOf[i] = open.getLast();
            if (c == '\'') {
                quoted = !quoted;
            } else if (c == ']' && !quoted) {
                open.removeLast();
            } else if (!quoted && (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z')) {
                int last = runs.size() - 1;
                if (last >= 0 && runs.get(last).letter == c && runs.get(last).end == i) {
                    runs.set(last, new Run(c, runs.get(last).start, i + 1));
                } else {
                    runs.add(new Run(c, i, i + 1));
                }
            }
        }
        return new PatternText(pattern, List.copyOf(runs), sectionOf, List.copyOf(parents));
    }

    int sections() {
        return parents.size();
    }

    /** Whether one of these letters is there. */
    boolean hasAny(String letters) {
        return runs.stream().anyMatch(run -> letters.indexOf(run.letter) >= 0);
    }

    /** The letter of a run; a space before the first and after the last. */
    char letter(int run) {
        return run < 0 || run >= runs.size() ? ' ' : runs.get(run).letter;
    }

    /** The text of a section with its brackets. */
    String section(int number) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < sectionOf.length; i++) {
            if (isWithin(sectionOf[i], number)) {
                text.append(pattern.charAt(i));
            }
        }
        return text.toString();
    }

    private boolean isWithin(int section, int around) {
        return section == around || (section >= 0 && isWithin(parents.get(section), around));
    }

    /** Whether each section of a set is in another section of the set, or in none. */
    boolean isClosed(long sections) {
        for (int i = 0; i < parents.size(); i++) {
            if (isIn(i, sections) && !isIn(parents.get(i), sections)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isIn(int section, long sections) {
        return section < 0 || (sections >> section & 1) != 0;
    }

    /** The pattern with these of its optional sections; the others are empty, so that their neighbours stay apart. */
    String with(long sections) {
        StringBuilder text = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < sectionOf.length; i++) {
            char c = pattern.charAt(i);
            quoted ^= c == '\'';
            boolean bracket = !quoted && (c == '[' || c == ']');
            if (bracket || isIn(sectionOf[i], sections)) {
                text.append(c);
            }
        }
        return text.toString();
    }
}
