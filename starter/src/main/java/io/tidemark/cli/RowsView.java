package io.tidemark.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.cli.OutputReader.Row;
import io.tidemark.job.AggregationSpec;
import io.tidemark.job.AggregationSpec.Function;
import io.tidemark.job.JobSpec;
import io.tidemark.job.RowShape;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Formats rows as a table: key, partition, values, and a bar for the first value. */
public final class RowsView {
    /** Keeps numbers as the row has them. */
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .nodeFactory(JsonNodeFactory.withExactBigDecimals(true))
            .build();

    private static final int BAR = 20;

    /** Longer lists and objects are cut in a table. */
    private static final int LONGEST_LIST = 40;

    private RowsView() {}

    /** Prints the rows of a job as a table. */
    public static void print(PrintWriter out, JobSpec job, List<Row> rows) {
        print(new Printer(out), job, rows, rows);
    }

    /** Prints some rows, with bars that compare them with all rows that are known. */
    static void print(Printer printer, JobSpec job, List<Row> rows, List<Row> known) {
        if (rows.isEmpty()) {
            printer.line("no rows in " + job.output().topic());
        } else {
            print(printer, job, rows, known, true);
        }
    }

    /** Prints rows that all belong to one partition. */
    static void printWithoutPartitions(Printer printer, JobSpec job, List<Row> rows, List<Row> known) {
        print(printer, job, rows, known, false);
    }

    private static void print(Printer printer, JobSpec job, List<Row> rows, List<Row> known, boolean withPartitions) {
        List<String> headings = new ArrayList<>(withPartitions ? List.of("key", "partition") : List.of("key"));
        List<String> names = numbers(job);
        headings.addAll(names);
        List<String> exact = job.aggregate().stream()
                .filter(each -> each.options().decimal() != null
                        && each.function() != Function.VARIANCE
                        && each.function() != Function.STDDEV)
                .map(AggregationSpec::name)
                .toList();
        List<JsonNode> values = rows.stream().map(row -> parse(row.value())).toList();
        String first = names.get(0);
        List<JsonNode> numbers = known.stream()
                .map(row -> number(parse(row.value()).path(first)))
                .filter(JsonNode::isNumber)
                .toList();
        Scale scale = Scale.of(numbers);
        headings.add(scale.heading(first));
        List<List<String>> table = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            Row row = rows.get(i);
            List<String> cells = new ArrayList<>();
            cells.add(row.key());
            if (withPartitions) {
                cells.add(String.valueOf(row.partition()));
            }
            for (String each : names) {
                JsonNode value = number(values.get(i).path(each));
                cells.add(exact.contains(each) && !value.isArray() ? value.asText() : cell(value));
            }
            cells.add(scale.bar(number(values.get(i).path(first)).asDouble(Double.NaN)));
            table.add(cells);
        }
        printer.table(headings, table);
    }

    /** The names of the aggregates and counts in a row, in their order; at least one. */
    private static List<String> numbers(JobSpec job) {
        return job.rowColumns().stream()
                .filter(each -> each.kind() == RowShape.Kind.AGGREGATE || each.kind() == RowShape.Kind.COUNT)
                .map(RowShape.Column::name)
                .toList();
    }

    /** A number that a job with {@code output.numbers: text} wrote as a string. */
    private static JsonNode number(JsonNode value) {
        JsonNode number = value.isTextual() ? parse(value.textValue()) : value;
        return number.isNumber() ? number : value;
    }

    /** Returns the row as one JSON object, with its place in the output topic. */
    static ObjectNode json(Row row) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("partition", row.partition())
                .put("offset", row.offset())
                .setAll(keyAndValue(row));
    }

    /** Returns the row as one JSON object. A value that is not JSON becomes a string. */
    static ObjectNode keyAndValue(Row row) {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("key", row.key());
        JsonNode value = parse(row.value());
        return value.isMissingNode() ? json.put("value", row.value()) : json.set("value", value);
    }

    private static String cell(JsonNode value) {
        if (value.isArray()) {
            return list(value);
        }
        if (value.isObject()) {
            return cut(value.toString());
        }
        return value.isMissingNode()
                ? "?"
                : value.isFloatingPointNumber() ? rounded(value.doubleValue()) : value.asText();
    }

    /** Returns the values of a list, each with its count if it has one. */
    private static String list(JsonNode values) {
        List<String> texts = new ArrayList<>();
        for (JsonNode each : values) {
            texts.add(
                    each.isObject() && each.has("atLeast")
                            ? each.path("value").asText() + " ("
                                    + each.path("atLeast").asText() + ")"
                            : each.isValueNode() ? each.asText() : each.toString());
        }
        return cut(String.join(", ", texts));
    }

    private static String cut(String text) {
        return text.length() > LONGEST_LIST ? text.substring(0, LONGEST_LIST) + "…" : text;
    }

    /** Rounds for display only; {@code --json} prints all digits. */
    private static String rounded(double number) {
        double size = Math.abs(number);
        return size != 0 && (size < 1e-3 || size >= 1e12)
                ? String.format(Locale.ROOT, "%.6g", number)
                : String.format(Locale.ROOT, "%.3f", number);
    }

    private static JsonNode parse(String value) {
        try {
            return JSON.readTree(value);
        } catch (JsonProcessingException e) {
            return MissingNode.getInstance();
        }
    }

    /** The values of the shortest and of the longest bar, and whether all values are whole numbers. */
    private record Scale(double low, double high, boolean whole) {
        /** Starts at 0, unless all values are within a factor of 2: then at the lowest, so that the bars show differences. */
        static Scale of(List<JsonNode> numbers) {
            double low = Double.POSITIVE_INFINITY;
            double high = Double.NEGATIVE_INFINITY;
            boolean whole = true;
            for (JsonNode each : numbers) {
                low = Math.min(low, each.doubleValue());
                high = Math.max(high, each.doubleValue());
                whole &= each.isIntegralNumber();
            }
            return low > 0 && low > high / 2 && low < high
                    ? new Scale(low, high, whole)
                    : new Scale(Math.min(0, low), high, whole);
        }

        String heading(String name) {
            return high < low ? "" : name + " from " + text(low) + " to " + text(high);
        }

        private String text(double value) {
            return whole ? String.format(Locale.ROOT, "%.0f", value) : rounded(value);
        }

        String bar(double value) {
            if (!Double.isFinite(value) || high <= low) {
                return "";
            }
            return "█".repeat(1 + (int) Math.round((BAR - 1) * (value - low) / (high - low)));
        }
    }
}
