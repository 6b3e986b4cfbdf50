package io.tidemark.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The job file, and the fields that {@code --set} overrides. */
final class JobOptions {
    @Parameters(index = "0", paramLabel = "JOB", description = "Job file in YAML or JSON.")
    @SuppressWarnings("NullAway.Init")
    private Path file;

    @Option(
            names = "--set",
            paramLabel = "PATH=VALUE",
            description = "Override a field of the job for this command, for example input.topic=readings or"
                    + " limits.time=10m. Can be repeated.")
    private List<String> settings = new ArrayList<>();

    JobFile read() {
        return JobFile.read(file, settings);
    }
}
