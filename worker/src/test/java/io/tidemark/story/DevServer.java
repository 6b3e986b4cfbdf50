package io.tidemark.story;

import io.grpc.StatusRuntimeException;
import io.temporal.api.workflowservice.v1.DescribeNamespaceRequest;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import io.tidemark.embedded.TemporalServer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The real Temporal server, shared by all tests of a JVM. */
public final class DevServer {
    private static volatile @Nullable TemporalServer server;
    private static volatile @Nullable WorkflowClient client;

    private DevServer() {}

    /**
     * Starts a server if there is none or the present one does not work. All work of the dev server goes through one
     * SQLite connection. A call that is cut off in the middle of a statement, for example by killing a worker, can
     * leave that connection interrupted for ever (modernc.org/sqlite 1.34 loses the statement): "GetNamespace operation
     * failed. Error interrupted (9)".
     */
    public static synchronized void require() {
        TemporalServer last = server;
        if (last != null && answers()) {
            return;
        }
        if (last != null) {
            System.err.println("The database of the Temporal dev server is stuck; starting a new server.");
            last.close();
        }
        TemporalServer started = TemporalServer.forTests();
        server = started;
        client = WorkflowClient.newInstance(
                WorkflowServiceStubs.newServiceStubs(WorkflowServiceStubsOptions.newBuilder()
                        .setTarget(started.target())
                        .build()),
                WorkflowClientOptions.newBuilder()
                        .setNamespace(started.namespace())
                        .build());
    }

    /** Returns whether the server still works; see {@link #require}. */
    static boolean answers() {
        try {
            client().getWorkflowServiceStubs()
                    .blockingStub()
                    .describeNamespace(DescribeNamespaceRequest.newBuilder()
                            .setNamespace(client().getOptions().getNamespace())
                            .build());
            return true;
        } catch (StatusRuntimeException e) {
            return false;
        }
    }

    /** Returns {@code host:port} of the gRPC API. Call {@link #require} first. */
    public static String target() {
        return Objects.requireNonNull(server, "call require() first").target();
    }

    /** Returns a client of the server. Call {@link #require} first. */
    public static WorkflowClient client() {
        return Objects.requireNonNull(client, "call require() first");
    }
}
