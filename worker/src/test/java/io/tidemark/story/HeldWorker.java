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
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A worker process that a test can kill at a point of its code. A step that reaches the point writes a line to
 * standard output and continues after it has read a line from standard input.
 */
final class HeldWorker {
    /** The line that the step writes. The step then waits without a timeout. */
    static final String REACHED = "reached ";

    private HeldWorker() {}

    /**
     * Takes the addresses of Temporal and Kafka, the task queue, the folder of staged files, the point, and perhaps which step
     * that reaches it is held, 1 for the first.
     */
    public static void main(String[] args) throws InterruptedException {
        Point point = Point.valueOf(args[4]);
        WorkflowServiceStubs service = WorkflowServiceStubs.newServiceStubs(
                WorkflowServiceStubsOptions.newBuilder().setTarget(args[0]).build());
        TidemarkWorker.start(
                WorkflowClient.newInstance(service),
                Scene.module(
                        args[2],
                        Path.of(args[3]),
                        args[1],
                        holdAt(point, args.length > 5 ? Integer.parseInt(args[5]) : 1)));
        System.out.println("ready");
        new CountDownLatch(1).await();
    }

    private static Checkpoints holdAt(Point point, int nth) {
        AtomicInteger times = new AtomicInteger();
        return passed -> {
            if (passed == point && times.incrementAndGet() == nth) {
                System.out.println(REACHED + point);
                try {
                    if (System.in.read() < 0) {
                        throw new IllegalStateException("standard input was closed");
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        };
    }
}
