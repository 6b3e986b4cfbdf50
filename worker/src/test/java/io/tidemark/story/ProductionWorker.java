package io.tidemark.story;

import static org.awaitility.Awaitility.await;

import io.tidemark.embedded.Ports;
import io.tidemark.testkit.SharedBroker;
import io.tidemark.worker.Main;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** The production worker, {@code ./tidemark worker}, in its own process. */
final class ProductionWorker {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private ProductionWorker() {}

    /** Starts a worker for a task queue and returns when it polls. Its log goes to the folder. */
    static WorkerProcess start(Path folder, Scene scene, Path staging) throws IOException {
        Path kafka = Files.writeString(
                Files.createTempFile(folder, "kafka-", ".config"),
                "bootstrap.servers=" + SharedBroker.get().bootstrapServers());
        int port = Ports.free();
        WorkerProcess worker = WorkerProcess.start(
                folder,
                Main.class,
                "worker",
                "--address=" + Scene.temporal(),
                "--namespace=" + Scene.client().getOptions().getNamespace(),
                "--kafka-config=" + kafka,
                "--task-queue=" + scene.taskQueue(),
                "--staging=" + staging,
                "--activities=4",
                "--health-port=" + port);
        HttpRequest ready = HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/readyz"))
                .build();
        try {
            await().atMost(PATIENCE)
                    .ignoreExceptionsInstanceOf(IOException.class)
                    .until(() -> HttpClient.newHttpClient()
                                    .send(ready, HttpResponse.BodyHandlers.discarding())
                                    .statusCode()
                            == 200);
            return worker;
        } catch (RuntimeException e) {
            worker.close();
            throw new AssertionError("the worker is not ready in time; its log:\n" + worker.log(), e);
        }
    }
}
