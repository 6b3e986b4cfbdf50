package io.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.job.JobSpec;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Random jobs over random records, run as {@code try} runs them, against DuckDB: an independent program with its own
 * arithmetic, calendar and time zones. {@code -Dtidemark.seed=SEED} repeats the trial that a failure names.
 */
@Timeout(1800)
class DuckDbIT {
    /** A few seconds; {@code -Pfaults} makes more. */
    private static final int TRIALS = Boolean.getBoolean("tidemark.faults") ? 5_000 : 80;

    private static final ObjectMapper JSON = new ObjectMapper()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.USE_BIG_INTEGER_FOR_INTS)
            .setNodeFactory(JsonNodeFactory.withExactBigDecimals(true));

    private static Connection duckDb;

    @BeforeAll
    static void open() throws SQLException {
        duckDb = DriverManager.getConnection("jdbc:duckdb:");
        // Each query is over a few hundred rows.
        execute("SET threads = 1");
    }

    @AfterAll
    static void close() throws SQLException {
        duckDb.close();
    }

    private static void execute(String sql) throws SQLException {
        try (Statement statement = duckDb.createStatement()) {
            statement.execute(sql);
        }
    }

    @Test
    void rowsAreThoseOfDuckDb() throws Exception {
        Long given = Long.getLong("tidemark.seed");
        long first = given == null ? new Random().nextLong() : given;
        for (int i = 0; i < (given == null ? TRIALS : 1); i++) {
            long seed = first + i;
            try {
                trial(new Random(seed));
            } catch (AssertionError | Exception e) {
                throw new AssertionError("trial " + i + " failed; repeat it with -Dtidemark.seed=" + seed, e);
            }
        }
    }

    /** Returns one of these. */
    @SafeVarargs
    static <T> T any(Random random, T... of) {
        return of[random.nextInt(of.length)];
    }

    private static void trial(Random random) throws Exception {
        SqlWindow window = SqlWindow.any(random);
        List<SqlAggregate> aggregates = new ArrayList<>();
        for (int i = 0; i < 1 + random.nextInt(8); i++) {
            aggregates.add(SqlAggregate.any(random));
        }
        boolean grouped = random.nextBoolean();
        boolean filtered = random.nextBoolean();
        ObjectNode json = JSON.createObjectNode().put("name", "compared");
        json.withObject("/input").put("topic", "in");
        json.withObject("/input/timestamp").put("field", "at").put("format", "epochMillis");
        json.set("window", JSON.readTree(window.job()));
        if (grouped) {
            json.putArray("groupBy").add("g");
        }
        if (filtered) {
            json.put("where", "w != 3");
        }
        ObjectNode values = json.putObject("aggregate");
        for (int i = 0; i < aggregates.size(); i++) {
            values.set("a" + i, JSON.readTree(aggregates.get(i).job()));
        }
        json.putObject("output").put("topic", "out");
        json.withObject("/badRecords").put("policy", "fail");
        List<SqlRecord> records = new ArrayList<>();
        for (int i = 0, most = 1 + random.nextInt(400); i < most; i++) {
            records.add(SqlRecord.any(random, window.time(random), i));
        }

        Map<String, JsonNode> ours = ours(io.tidemark.job.JobCodec.read(json), records, window, grouped);
        Map<String, List<Object>> theirs = theirs(records, window, grouped, filtered, aggregates);

        assertThat(ours.keySet()).as("%s", json).isEqualTo(theirs.keySet());
        ours.forEach((id, row) -> {
            int column = 0;
            List<Object> columns = theirs.get(id);
            for (int i = 0; i < aggregates.size(); i++) {
                SqlAggregate each = aggregates.get(i);
                List<@Nullable Object> mine =
                        columns.subList(column, column += each.sql().size());
                try {
                    each.check(row.get("a" + i), mine);
                } catch (AssertionError e) {
                    throw new AssertionError(
                            each.job() + " of " + id + ": " + row.get("a" + i) + ", DuckDB has " + mine + "; job "
                                    + json,
                            e);
                }
            }
        });
    }

    private static Map<String, JsonNode> ours(JobSpec job, List<SqlRecord> records, SqlWindow window, boolean grouped)
            throws Exception {
        DryRun run = new DryRun(job);
        for (SqlRecord each : records) {
            byte[] value = each.json().getBytes(StandardCharsets.UTF_8);
            run.add(value, 0, value.length, 0);
        }
        Map<String, JsonNode> rows = new TreeMap<>();
        for (OutputReader.Row each : run.rows()) {
            JsonNode row = JSON.readTree(each.value());
            String label = window.field() == null ? "" : row.get(window.field()).asText();
            rows.put(label + "/" + (grouped ? row.get("g").asText() : ""), row);
        }
        return rows;
    }

    private static Map<String, List<Object>> theirs(
            List<SqlRecord> records, SqlWindow window, boolean grouped, boolean filtered, List<SqlAggregate> aggregates)
            throws SQLException {
        execute("CREATE OR REPLACE TABLE t (seq BIGINT, ms BIGINT, g VARCHAR, w INTEGER, d DECIMAL(18, 2), i BIGINT,"
                + " x DOUBLE, s VARCHAR)");
        execute("INSERT INTO t VALUES " + records.stream().map(SqlRecord::sql).collect(Collectors.joining(", ")));
        String columns =
                aggregates.stream().flatMap(each -> each.sql().stream()).collect(Collectors.joining(", "));
        Map<String, List<Object>> rows = new LinkedHashMap<>();
        try (Statement statement = duckDb.createStatement();
                ResultSet found = statement.executeQuery(
                        "SELECT " + window.sql() + " AS label, " + (grouped ? "g" : "''") + " AS gr, " + columns
                                + " FROM t" + (filtered ? " WHERE w != 3" : "") + " GROUP BY label, gr")) {
            int count = found.getMetaData().getColumnCount();
            while (found.next()) {
                List<Object> row = new ArrayList<>();
                for (int column = 3; column <= count; column++) {
                    row.add(found.getObject(column));
                }
                String label = window.field() == null ? "" : label(window, found);
                rows.put(label + "/" + found.getString(2), row);
            }
        }
        return new TreeMap<>(rows);
    }

    /** A duration is no unit of DuckDB's calendar: the query gives the window's start in milliseconds. */
    private static String label(SqlWindow window, ResultSet found) throws SQLException {
        return window.isDuration() ? Instant.ofEpochMilli(found.getLong(1)).toString() : found.getString(1);
    }
}
