package io.tidemark.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.job.JobNames;
import io.tidemark.temporal.NamespaceAttributes;
import io.tidemark.workflow.BatchRunWorkflow;
import io.tidemark.workflow.RunAttributes;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints links that add saved views to Temporal's Web UI. */
@Command(
        name = "links",
        description = {
            "Print links to lists of runs in Temporal's Web UI: runs in progress, failed runs, all runs; with a job, its"
                    + " runs.",
            "A browser that opens a link keeps the list as a saved view."
        },
        sortOptions = false)
final class LinksCommand implements Callable<Integer> {
    /** The port of the Web UI of {@code temporal server start-dev}. */
    private static final int DEV_PORT = 8233;

    @Parameters(index = "0", arity = "0..1", paramLabel = "JOB", description = "Job file or name of the job.")
    private @Nullable String job;

    @Option(
            names = "--ui",
            paramLabel = "URL",
            description =
                    "Address of the Web UI. Default: https://cloud.temporal.io for Temporal Cloud, else port 8233 of"
                            + " the Temporal server's host.")
    private @Nullable String ui;

    @Mixin
    private TemporalOptions temporal = new TemporalOptions();

    @Mixin
    private PrintOptions print = new PrintOptions();

    @Override
    public Integer call() {
        String name = job == null ? null : JobFile.nameOf(job);
        try (TemporalConnection connection = temporal.connect()) {
            String namespace = connection.client().getOptions().getNamespace();
            List<String> attributes = new NamespaceAttributes(connection.service(), namespace).searchAttributes(true);
            String base = (ui == null ? webUi(connection.address()) : ui.replaceFirst("/+$", "")) + "/namespaces/"
                    + encoded(namespace) + "/workflows";
            Map<String, String> views = name == null ? ofAll(attributes) : ofJob(name, attributes);
            ObjectNode json = JsonNodeFactory.instance.objectNode();
            views.forEach((title, query) -> {
                String link = base + "?query=" + encoded(query) + "&savedQuery=" + encoded(title);
                json.put(title, link);
                if (!print.json()) {
                    print.printer().line(title);
                    print.printer().line("  " + link);
                }
            });
            if (print.json()) {
                print.printer().json(json);
            }
            return ExitCode.DONE.code();
        }
    }

    private static Map<String, String> ofAll(List<String> attributes) {
        String runs = "`WorkflowType`=\"" + BatchRunWorkflow.TYPE + "\"";
        Map<String, String> views = new LinkedHashMap<>();
        views.put("Tidemark: in progress", runs + " AND `ExecutionStatus`=\"Running\"");
        views.put(
                "Tidemark: failed",
                runs + " AND (`ExecutionStatus`=\"Failed\" OR `ExecutionStatus`=\"TimedOut\" OR"
                        + " `ExecutionStatus`=\"Terminated\")");
        if (attributes.contains(RunAttributes.OUTCOME.getName())) {
            views.put(
                    "Tidemark: some partitions failed",
                    runs + " AND `" + RunAttributes.OUTCOME.getName() + "`=\"partial\"");
        }
        if (attributes.contains(RunAttributes.BAD.getName())) {
            views.put("Tidemark: bad records", runs + " AND `" + RunAttributes.BAD.getName() + "`>0");
        }
        views.put("Tidemark: all runs", runs);
        return views;
    }

    private static Map<String, String> ofJob(String job, List<String> attributes) {
        String runs = "`WorkflowId`=\"" + JobNames.workflowId(job) + "\"";
        Map<String, String> views = new LinkedHashMap<>();
        views.put(job, runs);
        views.put(
                job + ": failed",
                runs + " AND (`ExecutionStatus`=\"Failed\" OR `ExecutionStatus`=\"TimedOut\" OR"
                        + " `ExecutionStatus`=\"Terminated\")");
        if (attributes.contains(RunAttributes.BAD.getName())) {
            views.put(job + ": bad records", runs + " AND `" + RunAttributes.BAD.getName() + "`>0");
        }
        return views;
    }

    /** Returns the usual address of the Web UI of a server. */
    static String webUi(String address) {
        String host = address.replaceFirst("^dns:/+", "").replaceFirst(":\\d+$", "");
        return host.endsWith(".tmprl.cloud") || host.endsWith(".api.temporal.io")
                ? "https://cloud.temporal.io"
                : "http://" + host + ":" + DEV_PORT;
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
