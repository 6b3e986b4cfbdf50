package io.tidemark.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@SuppressWarnings("NullAway.Init")
class HealthServerTest {
    private final Health health = new Health(System::nanoTime);
    private HealthServer server;

    @BeforeEach
    void start() throws IOException {
        server = HealthServer.start(0, health, (out, type) -> out.write(type.getBytes(StandardCharsets.UTF_8)));
    }

    @AfterEach
    void stop() {
        server.close();
        health.close();
    }

    @Test
    void aWorkerIsHealthyBeforeItIsReady() throws Exception {
        assertThat(get("/healthz").statusCode()).isEqualTo(200);
        assertThat(get("/readyz").statusCode()).isEqualTo(503);
    }

    @Test
    void aWorkerIsReadyOnlyWhileItPolls() throws Exception {
        health.polling(true);
        assertThat(get("/readyz").statusCode()).isEqualTo(200);

        health.polling(false);
        assertThat(get("/readyz").statusCode()).isEqualTo(503);
    }

    @Test
    void metricsAreInPrometheusForm() throws Exception {
        HttpResponse<String> answer = get("/metrics");

        assertThat(answer.body()).startsWith("text/plain; version=0.0.4");
        assertThat(answer.headers().firstValue("Content-Type")).hasValue(answer.body());
    }

    @Test
    void metricsAreInTheFormOfOpenMetricsWhereAsked() throws Exception {
        HttpResponse<byte[]> answer =
                get("/metrics", "Accept", "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5");

        assertThat(answer.headers().firstValue("Content-Type"))
                .hasValue("application/openmetrics-text; version=1.0.0; charset=utf-8");
        assertThat(new String(answer.body(), StandardCharsets.UTF_8)).startsWith("application/openmetrics-text");
    }

    @Test
    void metricsAreCompressedWhereAsked() throws Exception {
        HttpResponse<byte[]> answer = get("/metrics", "Accept-Encoding", "gzip");

        assertThat(answer.headers().firstValue("Content-Encoding")).hasValue("gzip");
        assertThat(new GZIPInputStream(new ByteArrayInputStream(answer.body())).readAllBytes())
                .asString(StandardCharsets.UTF_8)
                .startsWith("text/plain; version=0.0.4");
    }

    @Test
    void aPortThatIsTakenIsNamed() {
        assertThatThrownBy(() -> HealthServer.start(server.port(), health, (out, type) -> {}))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("--health-port " + server.port());
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return HttpClient.newHttpClient().send(request(path).build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<byte[]> get(String path, String header, String value)
            throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                .send(request(path).header(header, value).build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://localhost:" + server.port() + path));
    }
}
