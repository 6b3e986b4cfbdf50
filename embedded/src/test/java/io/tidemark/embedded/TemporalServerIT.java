package io.tidemark.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import io.temporal.api.workflowservice.v1.GetSystemInfoRequest;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowOptions;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TemporalServerIT {

    @Test
    void theRealServerHasAWebUi() throws Exception {
        try (TemporalServer server = TemporalServer.forTests()) {
            assertThat(server.isReal()).isTrue();
            assertThat(serverVersion(server)).isEqualTo("1.29.1");
            assertThat(statusOf(server.webUi().orElseThrow())).isEqualTo(200);
        }
    }

    @Test
    void theRealServerStopsOnClose() {
        TemporalServer server = TemporalServer.forTests();
        server.close();
        assertThat(Ports.isFree(portOf(server.target()))).isTrue();
        assertThat(Ports.isFree(server.webUi().orElseThrow().getPort())).isTrue();
    }

    @Test
    void aDatabaseFileOutlivesTheServer(@TempDir Path folder) {
        Path database = folder.resolve("temporal.db");
        try (TemporalServer server = TemporalServer.builder()
                .database(database)
                .log(folder.resolve("temporal.log"))
                .startReal(TemporalServer.binaryForTests())) {
            assertThat(server.isReal()).isTrue();
        }
        assertThat(database).isNotEmptyFile();
        assertThat(folder.resolve("temporal.log")).exists();
    }

    @Test
    void aKilledServerCanBeRestartedOnItsPortAndDatabase(@TempDir Path folder) {
        TemporalServer.Builder builder = TemporalServer.builder()
                .port(Ports.free())
                .database(folder.resolve("temporal.db"))
                .log(folder.resolve("temporal.log"));
        String id = "run-" + UUID.randomUUID();
        try (TemporalServer first = builder.startReal(TemporalServer.binaryForTests())) {
            client(
                    first,
                    client -> client.newUntypedWorkflowStub(
                                    "Anything",
                                    WorkflowOptions.newBuilder()
                                            .setTaskQueue("nobody")
                                            .setWorkflowId(id)
                                            .build())
                            .start());
            first.kill();
            assertThat(Ports.isFree(portOf(first.target()))).isTrue();
            assertThatThrownBy(first::kill)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining(first.target());
        }

        try (TemporalServer second = builder.startReal(TemporalServer.binaryForTests())) {
            client(
                    second,
                    client -> assertThat(
                                    client.newUntypedWorkflowStub(id).describe().getStatus())
                            .isEqualTo(WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING));
        }
    }

    @Test
    void theInMemoryServerHasNoWebUi() {
        try (TemporalServer server = TemporalServer.builder().startInMemory()) {
            assertThat(server.isReal()).isFalse();
            assertThat(server.webUi()).isEmpty();
            assertThatCode(() -> serverVersion(server)).doesNotThrowAnyException();
        }
    }

    private static void client(TemporalServer server, Consumer<WorkflowClient> use) {
        WorkflowServiceStubs stubs = WorkflowServiceStubs.newServiceStubs(WorkflowServiceStubsOptions.newBuilder()
                .setTarget(server.target())
                .build());
        try {
            use.accept(WorkflowClient.newInstance(stubs));
        } finally {
            stubs.shutdownNow();
        }
    }

    private static String serverVersion(TemporalServer server) {
        WorkflowServiceStubs stubs = WorkflowServiceStubs.newServiceStubs(WorkflowServiceStubsOptions.newBuilder()
                .setTarget(server.target())
                .build());
        try {
            return stubs.blockingStub()
                    .getSystemInfo(GetSystemInfoRequest.getDefaultInstance())
                    .getServerVersion();
        } finally {
            stubs.shutdownNow();
        }
    }

    private static int statusOf(URI page) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(page)
                                .timeout(Duration.ofSeconds(20))
                                .build(),
                        BodyHandlers.discarding())
                .statusCode();
    }

    private static int portOf(String target) {
        return Integer.parseInt(target.substring(target.lastIndexOf(':') + 1));
    }
}
