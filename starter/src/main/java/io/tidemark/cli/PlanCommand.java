package io.tidemark.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.tidemark.aggregate.AggregatorException;
import io.tidemark.aggregate.MissingAggregatorException;
import io.tidemark.job.JobSpec;
import io.tidemark.plugin.PluginFolder;
import io.tidemark.run.FailureKind;
import io.tidemark.run.RunPreview;
import io.tidemark.run.TidemarkException;
import io.tidemark.settings.KafkaSettings;
import java.nio.file.Path;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Prints what a run would read now, from the decisions of the worker's own planner. */
@Command(
        name = "plan",
        description = {
            "Show what a run would read now: the offsets of each partition, what is held back or lost, what would be"
                    + " refused, and the warnings of the run.",
            "It connects to Kafka as a worker does, and needs no Temporal and no worker. It writes nothing: it creates no topic,"
                    + " registers no partition, fences no producer and publishes no offset.",
            "Exit code 1 if the run would be refused, 5 if it would refuse some partitions."
        },
        sortOptions = false)
final class PlanCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec command;

    @Mixin
    private JobOptions job = new JobOptions();

    @Option(
            names = "--at",
            paramLabel = "TIME",
            description = "Nominal time of the run, such as 2026-11-28T02:30:00Z; not in the future. Windows close, and"
                    + " input.until: nominal ends, by this time. Default: now.")
    private @Nullable OffsetDateTime at;

    @Option(
            names = "--all",
            description = "Show each partition, and read the times of the first and last record of each. Default: the "
                    + PlanView.MOST_PARTITIONS + " partitions with the most offsets to read.")
    private boolean all;

    @Option(
            names = "--plugins",
            paramLabel = "DIR",
            description =
                    "Folder of plugins, as for worker: whether the stored totals are those of their versions is checked only"
                            + " with it. Default: none.")
    private @Nullable Path plugins;

    @Mixin
    private KafkaOptions kafka = new KafkaOptions();

    @Mixin
    private PrintOptions print = new PrintOptions();

    @Override
    public Integer call() {
        RunPreviewer previewer = previewer();
        JobSpec spec = bound(job.read().job());
        Instant now = Instant.now();
        Instant nominal = at == null ? now : RunCommand.notInTheFuture(at, now);
        KafkaSettings settings = kafka.settings(print);
        Topics.requireCluster(settings);
        RunPreview preview;
        try {
            preview = previewer.preview(spec, settings, nominal, all ? Integer.MAX_VALUE : PlanView.MOST_PARTITIONS);
        } catch (TidemarkException e) {
            return refused(spec, new RunFailure(e.kind().name(), String.valueOf(e.getMessage())));
        }
        PlanView view = new PlanView(spec, preview, nominal, all);
        if (print.json()) {
            print.printer().json(view.json());
        } else {
            view.print(print.printer());
        }
        return (preview.plan().problems().isEmpty() ? ExitCode.DONE : ExitCode.PARTITIONS_FAILED).code();
    }

    /** Returns the job with the code of its plugins, if there is a folder of them. */
    private JobSpec bound(JobSpec spec) {
        if (plugins == null) {
            return spec;
        }
        try {
            return PluginFolder.load(plugins).bind(spec);
        } catch (MissingAggregatorException | IllegalArgumentException | AggregatorException e) {
            throw CliException.usage(String.valueOf(e.getMessage()));
        }
    }

    private RunPreviewer previewer() {
        RunPreviewer previewer = command.root().userObject() instanceof Main main ? main.previewer() : null;
        if (previewer != null) {
            return previewer;
        }
        throw CliException.usage("plan is not part of this program; start it with ./tidemark plan");
    }

    private int refused(JobSpec spec, RunFailure failure) {
        if (print.json()) {
            print.printer()
                    .json(JsonNodeFactory.instance
                            .objectNode()
                            .put("job", spec.name())
                            .set("error", failure.json()));
        }
        print.note("error: a run would fail: " + failure.text());
        return (failure.kind().equals(FailureKind.KAFKA_UNAVAILABLE.name()) ? ExitCode.AWAY : ExitCode.FAILED).code();
    }
}
