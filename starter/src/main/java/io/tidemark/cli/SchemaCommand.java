package io.tidemark.cli;

import io.tidemark.job.JobSchema;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Prints a JSON Schema. */
@Command(
        name = "schema",
        description =
                "Print the JSON Schema of job files, for completion and checks in editors, or that of the runs that"
                        + " status --json prints.",
        sortOptions = false)
final class SchemaCommand implements Callable<Integer> {
    /** What a schema is of. */
    @SuppressWarnings("unused") // Users name them.
    enum Of {
        job,
        run
    }

    @Option(
            names = "--of",
            paramLabel = "job|run",
            defaultValue = "job",
            description = "What the schema is of. Default: ${DEFAULT-VALUE}.")
    private Of of = Of.job;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        out.print(of == Of.run ? RunDocument.schema() : JobSchema.text());
        out.flush();
        return ExitCode.DONE.code();
    }
}
