package io.tidemark.cli;

import io.tidemark.cli.OutputReader.Row;
import io.tidemark.job.JobSpec;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Prints the rows of an output topic; see {@link OutputReader}. */
@Command(
        name = "results",
        description = "Show the current rows of a job: committed rows only, the last one of each key.",
        sortOptions = false)
final class ResultsCommand implements Callable<Integer> {
    @Mixin
    private JobOptions job = new JobOptions();

    @Option(
            names = "--partition",
            paramLabel = "N",
            description = "Show only the rows of this partition. Default: all partitions.")
    private @Nullable Integer partition;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "100",
            description = "Maximum number of rows to show. Default: ${DEFAULT-VALUE}.")
    private int limit;

    @Mixin
    private KafkaOptions kafka = new KafkaOptions();

    @Mixin
    private PrintOptions print = new PrintOptions();

    @Override
    public Integer call() {
        JobSpec spec = job.read().job();
        if (limit < 1 || (partition != null && partition < 0)) {
            throw CliException.usage("--limit must be positive and --partition not negative");
        }
        List<Row> rows = OutputReader.read(kafka.settings(print), spec.output().topic(), partition);
        List<Row> shown = rows.subList(0, Math.min(limit, rows.size()));
        if (print.json()) {
            shown.forEach(row -> print.printer().json(RowsView.json(row)));
        } else {
            RowsView.print(print.printer(), spec, shown);
        }
        print.noteRest(rows.size(), shown.size(), "row");
        return ExitCode.DONE;
    }
}
