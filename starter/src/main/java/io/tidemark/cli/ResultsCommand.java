package io.tidemark.cli;

import io.tidemark.cli.OutputReader.Rows;
import io.tidemark.job.JobSpec;
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
            converter = Positive.class,
            description = "Maximum number of rows to show: those that were written last. Default: ${DEFAULT-VALUE}.")
    private int limit;

    @Mixin
    private KafkaOptions kafka = new KafkaOptions();

    @Mixin
    private PrintOptions print = new PrintOptions();

    @Override
    public Integer call() {
        JobSpec spec = job.read().job();
        if (partition != null && partition < 0) {
            throw CliException.usage("--partition must not be negative");
        }
        Rows read = OutputReader.read(kafka.settings(print), spec.output().topic(), partition, limit);
        if (print.json()) {
            read.latest().forEach(row -> print.printer().json(RowsView.json(row)));
        } else {
            RowsView.print(print.printer(), spec, read.latest(), read.read());
        }
        if (read.complete()) {
            print.noteRest(read.read().size(), read.latest().size(), "row");
        } else {
            print.note("these are the rows written last; a higher --limit shows more");
        }
        return ExitCode.DONE.code();
    }
}
