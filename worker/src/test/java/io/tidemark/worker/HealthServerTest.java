package io.tidemark.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@SuppressWarnings("NullAway.Init")
class HealthServerTest {
    private HealthServer server;

    @BeforeEach
    void start() throws IOException {
        server = HealthServer.start(0, () -> "tidemark_test 1\n");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void aWorkerIsHealthyBeforeItIsReady() throws Exception {
        assertThat(get("/healthz").statusCode()).isEqualTo(200);
        assertThat(get("/readyz").statusCode()).isEqualTo(503);
    }

    @Test
    void aWorkerIsReadyOnlyWhileItPolls() throws Exception {
        server.ready(true);
        assertThat(get("/readyz").statusCode()).isEqualTo(200);

        server.ready(false);
        assertThat(get("/readyz").statusCode()).isEqualTo(503);
    }

    @Test
    void metricsAreInPrometheusForm() throws Exception {
        HttpResponse<String> answer = get("/metrics");

        assertThat(answer.body()).isEqualTo("tidemark_test 1\n");
        assertThat(answer.headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain; version=0.0.4"));
    }

    @Test
    void aPortThatIsTakenIsNamed() {
        assertThatThrownBy(() -> HealthServer.start(server.port(), () -> ""))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("--health-port " + server.port());
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://localhost:" + server.port() + path))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }
}
