package io.tidemark.cli;

import io.tidemark.job.JobSchema;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Prints the JSON Schema of job files. */
@Command(
        name = "schema",
        description = "Print the JSON Schema of job files, for completion and checks in editors.",
        sortOptions = false)
final class SchemaCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        out.print(JobSchema.text());
        out.flush();
        return ExitCode.DONE.code();
    }
}
