package io.tidemark.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.schedules.Schedule;
import io.temporal.client.schedules.ScheduleActionStartWorkflow;
import io.temporal.client.schedules.ScheduleClient;
import io.temporal.client.schedules.ScheduleClientOptions;
import io.temporal.client.schedules.ScheduleHandle;
import io.temporal.client.schedules.ScheduleOptions;
import io.temporal.client.schedules.ScheduleSpec;
import io.temporal.envconfig.ClientConfigProfile;
import io.tidemark.embedded.Producers;
import io.tidemark.exporter.Exporter;
import io.tidemark.settings.KafkaSettings;
import io.tidemark.story.DevServer;
import io.tidemark.testkit.SharedBroker;
import io.tidemark.workflow.KafkaBatchWorkflow;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** A scrape of a real exporter beside the shared servers. */
final class ExporterScene {
    private ExporterScene() {}

    /**
     * Returns what an exporter serves after its first refresh.
     *
     * @param scheduled a job that gets a schedule meanwhile
     * @param held a topic in which a transaction is open meanwhile
     */
    static String scrape(String taskQueue, JsonNode scheduled, String held) throws Exception {
        String servers = SharedBroker.get().bootstrapServers();
        ScheduleHandle schedule = schedule(taskQueue, scheduled);
        try (KafkaProducer<String, String> open = Producers.ofStrings(
                        Map.of("bootstrap.servers", servers, "transactional.id", "open-" + taskQueue));
                ExporterLifecycle exporter = exporter(taskQueue, servers)) {
            open.initTransactions();
            open.beginTransaction();
            open.send(new ProducerRecord<>(held, "held")).get();
            await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
                assertThat(get(exporter, "/readyz").statusCode()).isEqualTo(200);
                assertThat(get(exporter, "/metrics").body())
                        .contains("tidemark_input_oldest_open_transaction_seconds{");
            });
            assertThat(get(exporter, "/healthz").statusCode()).isEqualTo(200);
            return get(exporter, "/metrics").body();
        } finally {
            schedule.delete();
        }
    }

    private static ExporterLifecycle exporter(String taskQueue, String servers) throws Exception {
        return ExporterLifecycle.start(
                KafkaSettings.of(Map.of("bootstrap.servers", servers)),
                ClientConfigProfile.newBuilder()
                        .setAddress(DevServer.target())
                        .setNamespace(DevServer.client().getOptions().getNamespace())
                        .build(),
                new Exporter.Options(taskQueue, "", "test"),
                Duration.ofMillis(500),
                0);
    }

    private static ScheduleHandle schedule(String taskQueue, JsonNode job) {
        return ScheduleClient.newInstance(
                        DevServer.client().getWorkflowServiceStubs(),
                        ScheduleClientOptions.newBuilder()
                                .setNamespace(DevServer.client().getOptions().getNamespace())
                                .build())
                .createSchedule(
                        "exporter-" + taskQueue,
                        Schedule.newBuilder()
                                .setAction(ScheduleActionStartWorkflow.newBuilder()
                                        .setWorkflowType(KafkaBatchWorkflow.TYPE)
                                        .setArguments(job)
                                        .setOptions(WorkflowOptions.newBuilder()
                                                .setWorkflowId("exporter-" + taskQueue)
                                                .setTaskQueue(taskQueue)
                                                .setWorkflowRunTimeout(Duration.ofMinutes(62))
                                                .build())
                                        .build())
                                .setSpec(ScheduleSpec.newBuilder()
                                        .setCronExpressions(List.of("0 0 1 1 *"))
                                        .build())
                                .build(),
                        ScheduleOptions.newBuilder().build());
    }

    private static HttpResponse<String> get(ExporterLifecycle exporter, String path) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://localhost:" + exporter.port() + path))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }
}
