package io.tidemark.launch;

import io.tidemark.check.WeakReplication;
import io.tidemark.cli.Main;
import io.tidemark.job.JobSpec;
import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.plan.Planner;
import io.tidemark.run.RunPreview;
import io.tidemark.run.TidemarkException;
import io.tidemark.settings.KafkaSettings;
import io.tidemark.step.Checkpoints;
import java.time.Instant;

/** The main class of the command {@code plan}: the command line, with the worker's planner. */
public final class PlanMain {
    private PlanMain() {}

    /** Runs a command and exits with its exit code. */
    public static void main(String[] args) {
        Main.start(PlanMain::preview, args);
    }

    /** Returns what a run would do, as the planner of a worker with these settings decides. */
    static RunPreview preview(JobSpec job, KafkaSettings kafka, Instant nominal, int timed) {
        try (KafkaClients clients = new KafkaClients(kafka)) {
            try {
                return new Planner(clients, Checkpoints.NONE, WeakReplication.WARN).preview(job, nominal, timed);
            } catch (TidemarkException e) {
                throw clients.explain(e);
            }
        }
    }
}
