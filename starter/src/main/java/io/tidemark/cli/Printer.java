package io.tidemark.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Prints to standard output: lines and tables, or JSON. */
final class Printer {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern NUMBER = Pattern.compile("-?[\\d,]*\\.?\\d+([eE][-+]?\\d+)?");

    private final PrintWriter out;

    Printer(PrintWriter out) {
        this.out = out;
    }

    void line(String text) {
        out.println(harmless(text));
        out.flush();
    }

    /** Prints one JSON value on one line. */
    void json(Object value) {
        try {
            out.println(JSON.writeValueAsString(value));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("numbers and texts can always be written as JSON", e);
        }
        out.flush();
    }

    /** Prints a table. Columns that hold only numbers are aligned to the right. */
    void table(List<String> headings, List<List<String>> rows) {
        int columns = headings.size();
        int[] widths = new int[columns];
        boolean[] numbers = new boolean[columns];
        for (int column = 0; column < columns; column++) {
            widths[column] = width(headings.get(column));
            numbers[column] = !rows.isEmpty();
            for (List<String> row : rows) {
                widths[column] = Math.max(widths[column], width(harmless(row.get(column))));
                numbers[column] &= NUMBER.matcher(row.get(column)).matches();
            }
        }
        List<List<String>> all = new ArrayList<>();
        all.add(headings);
        all.addAll(rows);
        for (List<String> row : all) {
            StringBuilder line = new StringBuilder();
            for (int column = 0; column < columns; column++) {
                String cell = harmless(row.get(column));
                String padding = " ".repeat(widths[column] - width(cell));
                line.append(column == 0 ? "" : "  ").append(numbers[column] ? padding + cell : cell + padding);
            }
            out.println(line.toString().stripTrailing());
        }
        out.flush();
    }

    private static int width(String text) {
        return text.codePointCount(0, text.length());
    }

    /** Replaces control characters: keys and values are input, and could otherwise control the terminal. */
    static String harmless(String text) {
        return text.chars().noneMatch(Character::isISOControl)
                ? text
                : text.codePoints()
                        .map(each -> Character.isISOControl(each) ? '\uFFFD' : each)
                        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                        .toString();
    }
}
