package io.tidemark.story;

import io.temporal.client.WorkflowClient;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import io.tidemark.step.Checkpoints;
import io.tidemark.step.Checkpoints.Point;
import io.tidemark.worker.TidemarkWorker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The program of a worker process that can be killed at a point of its code: the first step that comes to the point says
 * so on standard output, and goes on when it is given a line on standard input.
 */
final class HeldWorker {
    /** What the step says; the process that reads it has all the time that it needs. */
    static final String REACHED = "reached ";

    private HeldWorker() {}

    /** Temporal's address, Kafka's, the task queue, the folder of staged files and the point. */
    public static void main(String[] args) throws InterruptedException {
        Point point = Point.valueOf(args[4]);
        WorkflowServiceStubs service = WorkflowServiceStubs.newServiceStubs(
                WorkflowServiceStubsOptions.newBuilder().setTarget(args[0]).build());
        TidemarkWorker.start(
                WorkflowClient.newInstance(service), Scene.module(args[2], Path.of(args[3]), args[1], holdAt(point)));
        System.out.println("ready");
        new CountDownLatch(1).await();
    }

    private static Checkpoints holdAt(Point point) {
        AtomicBoolean first = new AtomicBoolean(true);
        return passed -> {
            if (passed == point && first.compareAndSet(true, false)) {
                System.out.println(REACHED + point);
                try {
                    if (System.in.read() < 0) {
                        throw new IllegalStateException("the story is over");
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        };
    }
}
