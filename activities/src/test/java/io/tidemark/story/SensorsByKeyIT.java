package io.tidemark.story;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.job.JobNames;
import io.tidemark.testkit.LifecycleSuite;
import io.tidemark.testkit.Rig;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Sensors send their readings under their own name: the device is the key, the tenant a header, the site optional. */
@LifecycleSuite
@Timeout(60)
class SensorsByKeyIT {
    private static final long TIME = Instant.parse("2006-12-23T16:52:00Z").toEpochMilli();

    private static Rig rig() {
        return Rig.with(2, SensorsByKeyIT::change);
    }

    private static void change(ObjectNode job) {
        job.withObject("/input").put("timestamp", "record");
        job.put("window", "hour").put("where", "!has(header(\"test\"))");
        job.putArray("groupBy")
                .add(job.objectNode().put("key", true).put("as", "device"))
                .add(job.objectNode().put("header", "tenant"))
                .add(job.objectNode().put("path", "site.name").put("as", "site").put("absent", "unknown"));
        job.putObject("aggregate").putObject("mean").put("mean", "celsius");
        job.withObject("/output").put("key", "{hour}/{tenant}/{site}/{device}");
    }

    private static void send(Rig rig, int partition, @Nullable String device, String value, String... headers) {
        ProducerRecord<byte[], byte[]> record =
                new ProducerRecord<>(rig.input(), partition, TIME, device == null ? null : utf8(device), utf8(value));
        for (int i = 0; i < headers.length; i += 2) {
            record.headers().add(headers[i], utf8(headers[i + 1]));
        }
        rig.send(record);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void theRowsAreThoseOfDeviceTenantAndSite() {
        try (Rig rig = rig()) {
            send(rig, 0, "dev/1", "{\"celsius\":20,\"site\":{\"name\":\"roof\"}}", "tenant", "a");
            send(rig, 0, "dev/1", "{\"celsius\":22,\"site\":{\"name\":\"roof\"}}", "tenant", "b", "tenant", "a");
            send(rig, 0, "dev/1", "{\"celsius\":5}", "tenant", "a");
            send(rig, 1, "7", "{\"celsius\":1}", "tenant", "a");
            send(rig, 1, "7", "{}", "tenant", "a", "test", "");
            rig.flush();
            rig.runAll();
            send(rig, 1, "7", "{\"celsius\":3,\"site\":null}", "tenant", "a");
            rig.flush();
            rig.runAll();

            assertThat(rig.rows())
                    .hasToString(
                            "{0/2006-12-23T16:00Z/a/roof/dev%2F1={\"hour\":\"2006-12-23T16:00Z\",\"device\":\"dev/1\","
                                    + "\"tenant\":\"a\",\"site\":\"roof\",\"mean\":21.0},"
                                    + " 0/2006-12-23T16:00Z/a/unknown/dev%2F1={\"hour\":\"2006-12-23T16:00Z\",\"device\":\"dev/1\","
                                    + "\"tenant\":\"a\",\"site\":\"unknown\",\"mean\":5.0},"
                                    + " 1/2006-12-23T16:00Z/a/unknown/\"7\"={\"hour\":\"2006-12-23T16:00Z\",\"device\":\"7\","
                                    + "\"tenant\":\"a\",\"site\":\"unknown\",\"mean\":2.0}}");
        }
    }

    @Test
    void aRecordWithoutAKeyOrHeaderIsADeadLetterThatNamesIt() {
        try (Rig rig = rig()) {
            send(rig, 0, null, "{\"celsius\":20}", "tenant", "a");
            send(rig, 0, "dev", "{\"celsius\":20}");
            rig.flush();
            rig.runAll();

            assertThat(rig.rows()).isEmpty();
            assertThat(rig.readAll(JobNames.deadLetterTopic(rig.output())))
                    .extracting(SensorsByKeyIT::problem)
                    .containsExactly("{key} is missing", "{header: tenant} is missing");
        }
    }

    private static String problem(ConsumerRecord<byte[], byte[]> deadLetter) {
        return new String(deadLetter.headers().lastHeader("tidemark.problem").value(), StandardCharsets.UTF_8);
    }
}
