package io.tidemark.cli;

import io.temporal.client.schedules.ScheduleCalendarSpec;
import io.temporal.client.schedules.ScheduleRange;
import java.time.Duration;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Writes times in one way only, so that texts can be compared: {@code 0 0 * * 1-5} for {@code 0 0 * * MON-FRI} and for the
 * ranges of numbers that the server makes of it.
 */
final class CronFields {
    private static final List<String> MONTHS =
            List.of("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC");
    private static final List<String> DAYS = List.of("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT");

    private static final Field MINUTE = new Field(0, 59);
    private static final Field HOUR = new Field(0, 23);
    private static final Field DAY_OF_MONTH = new Field(1, 31);
    private static final Field MONTH = new Field(1, 12);
    private static final Field DAY_OF_WEEK = new Field(0, 6);
    private static final List<Field> FIELDS = List.of(MINUTE, HOUR, DAY_OF_MONTH, MONTH, DAY_OF_WEEK);

    private CronFields() {}

    /** The numbers that a field may have. */
    private record Field(int first, int last) {
        /** Adds the numbers of a range. Sunday is 0 and 7. */
        void add(BitSet numbers, int from, int to, int step) {
            for (int each = from; each <= to; each += Math.max(1, step)) {
                numbers.set(last == 6 && each == 7 ? 0 : each);
            }
        }

        String text(BitSet numbers) {
            int all = last - first + 1;
            if (numbers.cardinality() == all) {
                return "*";
            }
            for (int step = 2; step <= all / 2; step++) {
                BitSet stepped = new BitSet();
                add(stepped, first, last, step);
                if (stepped.equals(numbers)) {
                    return "*/" + step;
                }
            }
            List<String> runs = new ArrayList<>();
            for (int from = numbers.nextSetBit(0); from >= 0; ) {
                int end = numbers.nextClearBit(from);
                runs.add(end == from + 1 ? String.valueOf(from) : from + "-" + (end - 1));
                from = numbers.nextSetBit(end);
            }
            return String.join(",", runs);
        }
    }

    /** Returns five fields that {@link CronText} accepts, such as {@code 0 4 * * MON-FRI}, in the one way. */
    static String of(String fields) {
        List<BitSet> numbers = numbers(fields);
        List<String> all = new ArrayList<>();
        for (int i = 0; i < numbers.size(); i++) {
            all.add(FIELDS.get(i).text(numbers.get(i)));
        }
        return String.join(" ", all);
    }

    private static List<BitSet> numbers(String fields) {
        String[] texts = fields.split("\\s+");
        List<BitSet> all = new ArrayList<>();
        for (int i = 0; i < texts.length; i++) {
            BitSet numbers = new BitSet();
            for (String part : texts[i].split(",")) {
                add(part, FIELDS.get(i), numbers);
            }
            all.add(numbers);
        }
        return all;
    }

    /**
     * Returns the longest time between two runs of a schedule: month, day of the month and day of the week must all match.
     * One day if there are not two runs.
     *
     * @param begin the first day to look at
     * @param end the day after the last one
     */
    static Duration longestPause(String fields, LocalDate begin, LocalDate end) {
        List<BitSet> numbers = numbers(fields);
        List<Integer> minutes = numbers.get(1).stream()
                .boxed()
                .flatMap(hour -> numbers.get(0).stream().boxed().map(minute -> 60 * hour + minute))
                .toList();
        long longest = 0;
        LocalDate last = null;
        for (LocalDate day = begin; day.isBefore(end); day = day.plusDays(1)) {
            if (!numbers.get(2).get(day.getDayOfMonth())
                    || !numbers.get(3).get(day.getMonthValue())
                    || !numbers.get(4).get(day.getDayOfWeek().getValue() % 7)) {
                continue;
            }
            if (last != null) {
                long overnight =
                        1440 * ChronoUnit.DAYS.between(last, day) + minutes.get(0) - minutes.get(minutes.size() - 1);
                longest = Math.max(longest, overnight);
            } else {
                for (int i = 1; i < minutes.size(); i++) {
                    longest = Math.max(longest, minutes.get(i) - minutes.get(i - 1));
                }
            }
            last = day;
        }
        return longest == 0 ? Duration.ofDays(1) : Duration.ofMinutes(longest);
    }

    /** Returns the ranges of the server in the one way. */
    static String of(ScheduleCalendarSpec calendar) {
        return String.join(
                " ",
                text(calendar.getMinutes(), MINUTE, "0"),
                text(calendar.getHour(), HOUR, "0"),
                text(calendar.getDayOfMonth(), DAY_OF_MONTH, "*"),
                text(calendar.getMonth(), MONTH, "*"),
                text(calendar.getDayOfWeek(), DAY_OF_WEEK, "*"));
    }

    /** {@code empty} is what the server reads where there are no ranges. */
    private static String text(@Nullable List<ScheduleRange> ranges, Field field, String empty) {
        if (ranges == null || ranges.isEmpty()) {
            return empty;
        }
        BitSet numbers = new BitSet();
        ranges.forEach(
                each -> field.add(numbers, each.getStart(), Math.max(each.getStart(), each.getEnd()), each.getStep()));
        return field.text(numbers);
    }

    private static void add(String part, Field field, BitSet numbers) {
        String[] stepped = part.split("/");
        int step = stepped.length == 1 ? 1 : Integer.parseInt(stepped[1]);
        String[] range = stepped[0].split("-");
        ToIntFunction<String> number = text -> number(text, field);
        if (stepped[0].equals("*")) {
            field.add(numbers, field.first(), field.last(), step);
        } else if (range.length == 2) {
            field.add(numbers, number.applyAsInt(range[0]), number.applyAsInt(range[1]), step);
        } else {
            int from = number.applyAsInt(range[0]);
            field.add(numbers, from, stepped.length == 1 ? from : field.last(), step);
        }
    }

    private static int number(String text, Field field) {
        String name = text.toUpperCase(Locale.ROOT);
        if (field.equals(MONTH) && MONTHS.contains(name)) {
            return MONTHS.indexOf(name) + 1;
        }
        return field.equals(DAY_OF_WEEK) && DAYS.contains(name) ? DAYS.indexOf(name) : Integer.parseInt(text);
    }
}
