package io.tidemark.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.MethodDescriptor;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.client.WorkflowStub;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import io.tidemark.step.Checkpoints.Point;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.SharedBroker;
import io.tidemark.worker.TidemarkWorker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Counts the heartbeats that a worker sends to a real server. */
@Timeout(120)
class HeartbeatsIT {
    private static final Duration HEARTBEAT_TIMEOUT = Duration.ofSeconds(8);

    @TempDir
    Path staging;

    private final Scene scene = new Scene();

    @Test
    void severalHeartbeatsFitIntoOneTimeout() {
        List<Long> beats = new CopyOnWriteArrayList<>();
        WorkflowServiceStubs service = WorkflowServiceStubs.newServiceStubs(WorkflowServiceStubsOptions.newBuilder()
                .setTarget(Scene.temporal())
                .setGrpcClientInterceptors(List.of(new Counter(beats)))
                .build());
        WorkflowClient client = WorkflowClient.newInstance(
                service,
                WorkflowClientOptions.newBuilder()
                        .setNamespace(Scene.client().getOptions().getNamespace())
                        .build());
        Hold hold = Hold.at(Point.CONSUME_READ);
        try (Rig rig = Rig.with(
                        1, job -> job.withObject("/limits").put("heartbeat", HEARTBEAT_TIMEOUT.toSeconds() + "s"));
                TidemarkWorker worker = TidemarkWorker.start(
                        client,
                        Scene.module(
                                scene.taskQueue(), staging, SharedBroker.get().bootstrapServers(), hold))) {
            rig.send(0, 0, 100);
            WorkflowStub run = scene.start(rig.job());
            hold.awaitReached();
            // From here on only the held activity sends any.
            beats.clear();
            await().atMost(HEARTBEAT_TIMEOUT.multipliedBy(4)).until(() -> beats.size() >= 3);
            Duration shortest = shortestInterval(beats);
            hold.release();

            assertThat(Scene.result(run).done()).isEqualTo(1);
            // A busy machine makes an interval longer, never shorter: the shortest is what the worker aims at. Held
            // back
            // by the SDK, none is shorter than 6.4 s.
            assertThat(shortest).isLessThan(HEARTBEAT_TIMEOUT.dividedBy(2));
        } finally {
            hold.release();
            service.shutdownNow();
        }
    }

    private static Duration shortestInterval(List<Long> nanos) {
        long shortest = Long.MAX_VALUE;
        for (int i = 1; i < nanos.size(); i++) {
            shortest = Math.min(shortest, nanos.get(i) - nanos.get(i - 1));
        }
        return Duration.ofNanos(shortest);
    }

    private record Counter(List<Long> beats) implements ClientInterceptor {
        @Override
        public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
            if ("RecordActivityTaskHeartbeat".equals(method.getBareMethodName())) {
                beats.add(System.nanoTime());
            }
            return next.newCall(method, options);
        }
    }
}
