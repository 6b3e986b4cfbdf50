package io.tidemark.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.tidemark.notify.PostObserver.Outcome;
import io.tidemark.run.Notice;
import io.tidemark.workflow.NoticeActivities;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class NoticePostsTest {
    private static final long AT = Instant.parse("2026-11-28T03:20:00Z").toEpochMilli();
    private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final List<Outcome> outcomes = new ArrayList<>();

    @Test
    void aNoticeIsACloudEvent() throws Exception {
        try (Receiver receiver = new Receiver()) {
            Webhook webhook = Webhook.of(receiver.url(), SECRET, "failed");

            assertThat(posts(webhook, AT + 2_000).send(failed("voltage-daily"), AT))
                    .isEqualTo("delivered");

            Receiver.Post post = receiver.next();
            assertThat(post.headers()).containsEntry("content-type", "application/cloudevents+json");
            assertThat(post.headers())
                    .containsAllEntriesOf(webhook.headers("0199-run-failed", (AT + 2_000) / 1000, post.body()));
            JsonNode event = JSON.readTree(post.body());
            assertThat(schema().validate(event)).isEmpty();
            assertThat(event).isEqualTo(JSON.readTree("""
                    {"specversion": "1.0",
                     "id": "0199-run-failed",
                     "source": "/tidemark/default",
                     "type": "io.tidemark.run.failed",
                     "subject": "voltage-daily",
                     "time": "2026-11-28T03:20:00Z",
                     "datacontenttype": "application/json",
                     "data": {
                       "job": "voltage-daily",
                       "namespace": "default",
                       "workflowId": "nightly-2026-11-28T02:30:00Z",
                       "runId": "0199-run",
                       "schedule": "nightly",
                       "nominalTime": "2026-11-28T02:30:00Z",
                       "startedAt": "2026-11-28T02:30:01Z",
                       "deadline": "2026-11-28T03:15:00Z",
                       "kind": "PARTITIONS_FAILED",
                       "message": "1 of 2 partitions failed",
                       "warnings": ["the output is not compacted"],
                       "work": {
                         "input": "readings", "output": "means", "partitions": 2, "failedPartitions": 1,
                         "offsetsPlanned": 20, "offsetsDone": 10, "left": 0,
                         "folded": 9, "bad": 1, "late": 0, "rows": 3}}}
                    """));
            assertThat(outcomes).containsExactly(Outcome.DELIVERED);
        }
    }

    @Test
    void aNoticeOfAJobWithoutANameIsACloudEvent() throws Exception {
        Notice bare = new Notice(
                Notice.Type.FAILED,
                "",
                "default",
                "run",
                "0199",
                null,
                0,
                AT,
                AT,
                0,
                "INVALID_JOB",
                "name: is missing",
                List.of(),
                null);

        JsonNode event = JSON.readTree(NoticeEvent.write(bare));

        assertThat(schema().validate(event)).isEmpty();
        assertThat(event.path("subject").asText()).isEqualTo("run");
        assertThat(event.path("data").has("deadline")).isFalse();
    }

    @Test
    void aReceiverThatRefusesIsAskedAgainUntilAnHourHasPassed() {
        try (Receiver receiver = new Receiver(() -> 503)) {
            Webhook webhook = Webhook.of(receiver.url(), SECRET, "failed");

            assertThatThrownBy(() -> posts(webhook, AT + 1_000).send(failed("j"), AT))
                    .hasMessageContaining("localhost")
                    .hasMessageContaining("answered 503")
                    .hasMessageNotContaining("token-of-the-url");
            assertThat(posts(webhook, AT + NoticeActivities.GIVE_UP.toMillis()).send(failed("j"), AT))
                    .startsWith("dropped: ")
                    .doesNotContain("token-of-the-url");

            assertThat(outcomes).containsExactly(Outcome.RETRIED, Outcome.DROPPED);
        }
    }

    @Test
    void aReceiverThatIsNotThereIsAskedAgain() {
        String url;
        try (Receiver receiver = new Receiver()) {
            url = receiver.url();
        }

        assertThatThrownBy(() -> posts(Webhook.of(url, null, "failed"), AT).send(failed("j"), AT))
                .hasMessageContaining("did not answer")
                .hasMessageNotContaining("token-of-the-url");
    }

    @Test
    void aWorkerWithoutAWebhookLeavesTheNoticeToAnother() {
        NoticePosts none = new NoticePosts(null, outcomes::add, clock(AT));

        assertThatThrownBy(() -> none.send(failed("j"), AT)).hasMessageContaining("this worker has no --webhook");
    }

    private NoticePosts posts(Webhook webhook, long now) {
        return new NoticePosts(webhook, outcomes::add, clock(now));
    }

    private static Clock clock(long now) {
        return Clock.fixed(Instant.ofEpochMilli(now), ZoneOffset.UTC);
    }

    private static Notice failed(String job) {
        return new Notice(
                Notice.Type.FAILED,
                job,
                "default",
                "nightly-2026-11-28T02:30:00Z",
                "0199-run",
                "nightly",
                Instant.parse("2026-11-28T02:30:00Z").toEpochMilli(),
                Instant.parse("2026-11-28T02:30:01Z").toEpochMilli(),
                AT,
                Instant.parse("2026-11-28T03:15:00Z").toEpochMilli(),
                "PARTITIONS_FAILED",
                "1 of 2 partitions failed",
                List.of("the output is not compacted"),
                new Notice.Work("readings", "means", 2, 1, 20, 10, 0, 9, 1, 0, 3));
    }

    private static Schema schema() throws IOException {
        return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_7)
                .getSchema(Files.readString(Path.of("src/test/resources/schemas/cloudevents.json")));
    }
}
