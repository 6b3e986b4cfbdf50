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

/** The real Temporal server, one for all stories of a JVM. */
public final class DevServer {
    private static volatile @Nullable TemporalServer server;
    private static volatile @Nullable WorkflowClient client;

    private DevServer() {}

    /**
     * Makes sure of a server that answers. All of the dev server's work goes through one SQLite connection, and a call
     * that is cut off in the middle of a statement, as by a worker that is killed, can leave that connection
     * interrupted for good (modernc.org/sqlite 1.34 loses the statement): "GetNamespace operation failed. Error
     * interrupted (9)". Such a server is of no use to the next story.
     */
    public static synchronized void require() {
        TemporalServer last = server;
        if (last != null && answers()) {
            return;
        }
        if (last != null) {
            System.err.println("The Temporal dev server's database is stuck; this story gets a new server.");
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

    /** Whether the server still does what it is asked; see {@link #require}. */
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

    /** {@code host:port} of its gRPC API; after {@link #require}. */
    public static String target() {
        return Objects.requireNonNull(server, "no story yet").target();
    }

    /** A client of it; after {@link #require}. */
    public static WorkflowClient client() {
        return Objects.requireNonNull(client, "no story yet");
    }
}
