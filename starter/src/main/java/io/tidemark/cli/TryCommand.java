package io.tidemark.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.aggregate.AggregatorException;
import io.tidemark.aggregate.MissingAggregatorException;
import io.tidemark.cli.OutputReader.Row;
import io.tidemark.job.BadRecordSpec;
import io.tidemark.job.JobSpec;
import io.tidemark.json.MalformedRecordException;
import io.tidemark.part.LimitException;
import io.tidemark.plugin.PluginFolder;
import io.tidemark.row.NotFiniteException;
import io.tidemark.run.FailureKind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Runs a job over the lines of a file or of standard input, and prints what a run would write. */
@Command(
        name = "try",
        description = {
            "Run a job over JSON lines from a file or standard input, without any server. Prints the rows, the bad"
                    + " records and the counts.",
            "Each line is the value of one record, or with --records a whole record. All lines count as one batch of partition 0, read by a job without"
                    + " stored totals. Exit code 1 if a run over these records would fail, for example because of"
                    + " badRecords: fail."
        },
        sortOptions = false)
final class TryCommand implements Callable<Integer> {
    private static final Path STANDARD_INPUT = Path.of("-");

    @Mixin
    private JobOptions job = new JobOptions();

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "FILE",
            description =
                    "File with one record per line, ended by \\n or \\r\\n. An empty line is a record with an empty"
                            + " value, as in kafka-console-producer. Default: -, which is standard input.")
    private Path file = STANDARD_INPUT;

    @Option(
            names = "--records",
            description =
                    "Each line holds key, headers and value of a record: {\"key\": \"d1\", \"headers\": {\"tenant\":"
                            + " \"a\"}, \"value\": {...}}. Needed for a job that reads the key or headers. A key is a string, or"
                            + " what input.key says; a header is a string or null; both may be left out.")
    private boolean records;

    @Option(
            names = "--timestamp",
            paramLabel = "TIME",
            description = "Kafka timestamp of all records, for a job with timestamp: record, for example"
                    + " 2006-12-23T16:52:00Z. Default: the current time.")
    private @Nullable Instant timestamp;

    @Option(
            names = "--plugins",
            paramLabel = "DIR",
            description = "Folder of plugins, as for worker: jars with aggregates that the job uses. Default: none.")
    private @Nullable Path plugins;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "100",
            converter = Positive.class,
            description = "Maximum number of rows, and of bad records, to print. Default: ${DEFAULT-VALUE}.")
    private int limit;

    @Mixin
    private PrintOptions print = new PrintOptions();

    private final List<BadRecord> firstBad = new ArrayList<>();
    private long lines;
    private long filtered;
    private long bad;

    /** A record that was not counted, without any of its content. */
    record BadRecord(long line, String reason, String problem) {}

    @Override
    public Integer call() {
        JobSpec spec = job.read().job();
        String timeField = spec.input().timestamp().field();
        if (timestamp != null && timeField != null) {
            throw CliException.usage("--timestamp applies only to a job with timestamp: record; this job reads the time"
                    + " from field " + timeField);
        }
        requireRecords(spec);
        List<Row> rows = rows(bound(spec));
        List<Row> shown = rows.subList(0, Math.min(limit, rows.size()));
        RunFailure error = failure(spec.badRecords());
        if (print.json()) {
            print.printer().json(json(spec, rows.size(), shown, error));
        } else {
            print(spec, rows, shown);
        }
        print.noteRest(rows.size(), shown.size(), "row");
        print.noteRest(bad, firstBad.size(), "bad record");
        if (filtered > 0 && folded() == 0) {
            print.note("warning: no record counts: where filtered " + Texts.count(filtered, "record"));
        }
        if (error != null) {
            print.note("error: a run over these records would fail: " + error.text());
        }
        return (error == null ? ExitCode.DONE : ExitCode.FAILED).code();
    }

    private JobSpec bound(JobSpec spec) {
        try {
            return PluginFolder.load(plugins).bind(spec);
        } catch (MissingAggregatorException e) {
            throw CliException.usage(e.getMessage() + "; name the folder with its plugin by --plugins");
        } catch (IllegalArgumentException e) {
            throw CliException.usage(String.valueOf(e.getMessage()));
        } catch (AggregatorException e) {
            throw wouldFail(FailureKind.AGGREGATOR_FAILED, String.valueOf(e.getMessage()));
        }
    }

    private List<Row> rows(JobSpec spec) {
        long millis = (timestamp == null ? Instant.now() : timestamp).toEpochMilli();
        DryRun run = new DryRun(spec);
        try (InputStream in = file.equals(STANDARD_INPUT) ? System.in : open()) {
            ByteLines input = new ByteLines(in);
            while (input.next()) {
                lines = input.number();
                try {
                    if (!add(run, input, spec, millis)) {
                        filtered++;
                    }
                } catch (MalformedRecordException e) {
                    bad++;
                    if (firstBad.size() < limit) {
                        firstBad.add(new BadRecord(lines, e.reason().name(), String.valueOf(e.getMessage())));
                    }
                }
            }
            return run.rows();
        } catch (LimitException e) {
            throw wouldFail(FailureKind.named(e.failure()), "line " + lines + ": " + e.getMessage());
        } catch (AggregatorException e) {
            throw wouldFail(FailureKind.AGGREGATOR_FAILED, "line " + lines + ": " + e.getMessage());
        } catch (NotFiniteException e) {
            throw wouldFail(FailureKind.NOT_FINITE, String.valueOf(e.getMessage()));
        } catch (IOException e) {
            throw CliException.failed(
                    (file.equals(STANDARD_INPUT) ? "standard input" : file) + ": cannot be read: " + e.getMessage());
        }
    }

    private void requireRecords(JobSpec spec) {
        List<String> needed = spec.fields().stream()
                .filter(each -> each.startsWith("{key") || each.startsWith("{header"))
                .toList();
        if (!needed.isEmpty() && !records) {
            throw CliException.usage("the job reads " + String.join(", ", needed)
                    + ", which a line with the value alone does not have; write each line as " + RecordLine.FORM
                    + " and add --records");
        }
    }

    private boolean add(DryRun run, ByteLines line, JobSpec spec, long millis)
            throws MalformedRecordException, LimitException {
        if (!records) {
            return run.add(line.buffer(), line.start(), line.length(), millis);
        }
        try {
            return run.add(
                    RecordLine.of(
                            line.buffer(),
                            line.start(),
                            line.length(),
                            spec.input().key()),
                    millis);
        } catch (RecordLine.Refused e) {
            throw CliException.failed(
                    "line " + lines + " " + e.getMessage() + "; with --records a line is " + RecordLine.FORM);
        }
    }

    private long folded() {
        return lines - filtered - bad;
    }

    private InputStream open() throws IOException {
        if (!Files.isReadable(file) || Files.isDirectory(file)) {
            throw CliException.usage(file + ": "
                    + (Files.isDirectory(file)
                            ? "is a folder"
                            : Files.exists(file) ? "cannot be read" : "does not exist"));
        }
        return Files.newInputStream(file);
    }

    private static CliException wouldFail(FailureKind kind, String problem) {
        return CliException.failed("a run over these records would fail: " + kind + ": " + problem);
    }

    private @Nullable RunFailure failure(BadRecordSpec allowed) {
        if (bad > 0 && allowed.policy() == BadRecordSpec.Policy.FAIL) {
            return new RunFailure(FailureKind.BAD_RECORD.name(), "the job fails on bad records (badRecords: fail)");
        } else if (bad > allowed.limit()) {
            return new RunFailure(
                    FailureKind.TOO_MANY_BAD_RECORDS.name(),
                    Texts.count(bad, "bad record") + ", and badRecords.limit is " + Texts.number(allowed.limit()));
        }
        return null;
    }

    private void print(JobSpec spec, List<Row> rows, List<Row> shown) {
        Printer printer = print.printer();
        if (!rows.isEmpty()) {
            RowsView.printWithoutPartitions(printer, spec, shown, rows);
            printer.line("");
        }
        if (bad > 0) {
            printer.table(
                    List.of("line", "reason", "problem"),
                    firstBad.stream()
                            .map(each -> List.of(Texts.number(each.line()), each.reason(), each.problem()))
                            .toList());
            printer.line("");
        }
        printer.line(Texts.count(lines, "line") + " = " + Texts.number(folded()) + " folded + "
                + (spec.where() == null ? "" : Texts.number(filtered) + " filtered + ") + Texts.number(bad) + " bad; "
                + Texts.count(rows.size(), "row"));
    }

    private ObjectNode json(JobSpec spec, int rows, List<Row> shown, @Nullable RunFailure error) {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("job", spec.name())
                .put("lines", lines)
                .put("folded", folded())
                .put("filtered", filtered)
                .put("bad", bad)
                .put("rowCount", rows);
        if (error != null) {
            json.set("error", error.json());
        }
        json.putArray("rows").addAll(shown.stream().map(RowsView::keyAndValue).toList());
        return json.putPOJO("badRecords", firstBad);
    }
}
