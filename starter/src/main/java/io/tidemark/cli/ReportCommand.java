package io.tidemark.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes a page about the last runs of jobs. */
@Command(
        name = "report",
        description = {
            "Write a page about the last runs of jobs: one HTML file that loads nothing and can be sent to anybody. Without a"
                    + " job, about all jobs.",
            "With --kafka-config, the page also has the records that the jobs have not read yet. Without it no Kafka settings"
                    + " are read.",
            "Temporal forgets a run after the retention period of its namespace. --history keeps the runs in a file."
        },
        sortOptions = false)
final class ReportCommand implements Callable<Integer> {
    @Parameters(index = "0..*", paramLabel = "JOB", description = "Job files or names of jobs.")
    private List<String> arguments = new ArrayList<>();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            defaultValue = "report.html",
            description = "The file to write. Default: ${DEFAULT-VALUE}.")
    private Path output = Path.of("report.html");

    @Option(
            names = "--runs",
            paramLabel = "N",
            defaultValue = "60",
            converter = Positive.class,
            description = "Maximum number of runs of each job. Default: ${DEFAULT-VALUE}.")
    private int runs = 60;

    @Option(
            names = "--history",
            paramLabel = "FILE",
            description =
                    "File of JSON lines, as status --json prints them: its runs are shown too, and the runs that it"
                            + " lacks are added to it once they have ended.")
    private @Nullable Path history;

    @Option(
            names = "--web-ui",
            paramLabel = "URL",
            description = "Address of Temporal's Web UI, for links to the runs. Default: http://localhost:8233 for a"
                    + " server at localhost:7233, else none.")
    private @Nullable String webUi;

    @Mixin
    private KafkaOptions kafka = new KafkaOptions();

    @Mixin
    private TemporalOptions temporal = new TemporalOptions();

    @Mixin
    private PrintOptions print = new PrintOptions();

    @Override
    public Integer call() {
        if (webUi != null && !webUi.matches("https?://\\S+")) {
            throw CliException.usage("--web-ui must be a URL such as http://localhost:8233, but is " + webUi);
        }
        Map<String, Optional<JsonNode>> jobs = new LinkedHashMap<>();
        for (String each : arguments) {
            Optional<JobFile> file = JobFile.ifFile(each);
            jobs.put(file.map(read -> read.job().name()).orElse(each), file.map(JobFile::json));
        }
        RunArchive archive = history == null ? null : RunArchive.read(history);
        try (TemporalConnection connection = temporal.connect();
                ReportData data = new ReportData(connection, runs, archive)) {
            if (jobs.isEmpty()) {
                data.jobs().forEach(each -> jobs.put(each, Optional.empty()));
            }
            ObjectNode report = JsonNodeFactory.instance
                    .objectNode()
                    .put("version", RunDocument.VERSION)
                    .put(
                            "generated",
                            Instant.now().truncatedTo(ChronoUnit.SECONDS).toString())
                    .put("server", connection.address())
                    .put("namespace", connection.client().getOptions().getNamespace())
                    .put("webUi", webUi(connection.address()));
            ArrayNode all = report.putArray("jobs");
            jobs.forEach((name, definition) -> all.add(data.job(name, definition.orElse(null))));
            if (kafka.given()) {
                try (Topics topics = new Topics(kafka.settings(print))) {
                    all.forEach(each -> ((ObjectNode) each).set("lag", GroupLag.json(topics, each.path("definition"))));
                }
            }
            write(ReportPage.of(report));
            if (archive != null) {
                archive.write();
            }
            tell(all);
            return ExitCode.DONE.code();
        }
    }

    private @Nullable String webUi(String address) {
        return webUi != null
                ? webUi.replaceFirst("/+$", "")
                : address.matches("(localhost|127\\.0\\.0\\.1):7233") ? "http://localhost:8233" : null;
    }

    private void write(String page) {
        try {
            Files.writeString(output, page);
        } catch (IOException e) {
            throw CliException.failed(output + ": cannot be written: " + e);
        }
    }

    private void tell(ArrayNode jobs) {
        int shown = 0;
        for (JsonNode each : jobs) {
            shown += each.path("runs").size();
        }
        if (print.json()) {
            print.printer()
                    .json(JsonNodeFactory.instance
                            .objectNode()
                            .put("file", output.toString())
                            .put("jobs", jobs.size())
                            .put("runs", shown));
        } else {
            print.printer()
                    .line("wrote " + output + ": " + Texts.count(shown, "run") + " of "
                            + Texts.count(jobs.size(), "job"));
        }
    }
}
