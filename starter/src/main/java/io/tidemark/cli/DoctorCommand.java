package io.tidemark.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.cli.Finding.Level;
import io.tidemark.job.JobSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Looks at everything that a run needs. */
@Command(
        name = "doctor",
        description = {
            "Check what runs need: Temporal, its namespace and workers, Kafka, transactions, the clock, the disk of staged"
                    + " files; and with job files, the permissions of each job.",
            "Changes nothing. Permissions are those of the user in the Kafka settings, so give the worker's. Each line says ok, or"
                    + " what to do. The exit code is 1 if a check failed."
        },
        sortOptions = false)
final class DoctorCommand implements Callable<Integer> {
    /** Below this, the alert TidemarkStagingFull fires. */
    private static final long LEAST_FREE = 1L << 30;

    @Parameters(index = "0", arity = "0..*", paramLabel = "JOB", description = "Job files.")
    private List<Path> jobs = new ArrayList<>();

    @Option(
            names = "--staging",
            paramLabel = "DIR",
            description =
                    "Folder for staged files of a worker on this machine. Default: tidemark-<user> in the folder for"
                            + " temporary files, if it exists.")
    private @Nullable Path staging;

    @Mixin
    private TemporalOptions temporal = new TemporalOptions();

    @Mixin
    private KafkaOptions kafka = new KafkaOptions();

    @Mixin
    private PrintOptions print = new PrintOptions();

    @Override
    public Integer call() {
        List<JobSpec> specs =
                jobs.stream().map(each -> JobFile.read(each, List.of()).job()).toList();
        List<Finding> findings = new ArrayList<>();
        try (TemporalConnection connection = temporal.connect()) {
            findings.addAll(TemporalDoctor.look(connection));
        } catch (CliException e) {
            findings.add(Finding.failed("Temporal", String.valueOf(e.getMessage()), ""));
        }
        try {
            findings.addAll(KafkaDoctor.look(kafka.settings(print), specs));
        } catch (CliException e) {
            findings.add(Finding.failed("Kafka", String.valueOf(e.getMessage()), ""));
        }
        findings.add(disk());
        long failed = count(findings, Level.FAILED);
        long warnings = count(findings, Level.WARNING);
        if (print.json()) {
            ObjectNode json = JsonNodeFactory.instance.objectNode().put("ok", failed == 0);
            ArrayNode all = json.putArray("checks");
            findings.forEach(each -> all.add(each.json()));
            print.printer().json(json);
        } else {
            print.printer()
                    .table(
                            List.of("level", "check", "finding"),
                            findings.stream().map(Finding::row).toList());
            print.printer()
                    .line(Texts.count(findings.size(), "check") + ": " + failed + " failed, "
                            + Texts.count(warnings, "warning"));
        }
        return failed == 0 ? ExitCode.DONE.code() : ExitCode.FAILED.code();
    }

    private static long count(List<Finding> findings, Level level) {
        return findings.stream().filter(each -> each.level() == level).count();
    }

    private Finding disk() {
        Path folder = staging != null
                ? staging
                : Path.of(System.getProperty("java.io.tmpdir"), "tidemark-" + System.getProperty("user.name"));
        if (!Files.isDirectory(folder)) {
            return staging == null
                    ? Finding.ok("staging", "no worker has staged files in " + folder + " on this machine")
                    : Finding.failed("staging", "there is no folder " + folder, "create it, or correct --staging");
        } else if (!Files.isWritable(folder)) {
            return Finding.failed(
                    "staging", folder + " is not writable for this user", "run this command as the worker's user");
        }
        try {
            long free = Files.getFileStore(folder).getUsableSpace();
            String text = folder + " has " + Texts.bytes(free) + " free";
            return free < LEAST_FREE
                    ? Finding.warning("staging", text, "free some space, or give the worker another --staging")
                    : Finding.ok("staging", text);
        } catch (IOException e) {
            return Finding.failed("staging", folder + " cannot be read: " + e.getMessage(), "");
        }
    }
}
