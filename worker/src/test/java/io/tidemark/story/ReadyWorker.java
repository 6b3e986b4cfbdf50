package io.tidemark.story;

import io.temporal.client.WorkflowClient;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import io.tidemark.step.Checkpoints;
import io.tidemark.testkit.SharedBroker;
import io.tidemark.worker.TidemarkWorker;
import java.io.IOException;
import java.nio.file.Path;

/** A worker process that SIGTERM stops as in production, with a drain. */
final class ReadyWorker {
    private static final String READY = "ready";

    private ReadyWorker() {}

    /** Starts a worker and returns when it polls. Its log goes to the folder. */
    static WorkerProcess start(Path folder, String temporal, String taskQueue, Path staging) throws IOException {
        WorkerProcess process = WorkerProcess.start(
                folder,
                ReadyWorker.class,
                temporal,
                SharedBroker.get().bootstrapServers(),
                taskQueue,
                staging.toString());
        process.awaitLine(READY);
        return process;
    }

    /** Takes the addresses of Temporal and Kafka, the task queue and the folder of staged files. */
    public static void main(String[] args) throws IOException {
        WorkflowServiceStubs service = WorkflowServiceStubs.newServiceStubs(
                WorkflowServiceStubsOptions.newBuilder().setTarget(args[0]).build());
        TidemarkWorker worker = TidemarkWorker.start(
                WorkflowClient.newInstance(service),
                Scene.module(args[2], Path.of(args[3]), args[1], Checkpoints.NONE));
        Runtime.getRuntime().addShutdownHook(new Thread(worker::close));
        System.out.println(READY);
        while (System.in.read() >= 0) {
            // The input has no meaning; it ends with the process that started this one.
        }
        System.exit(0);
    }
}
