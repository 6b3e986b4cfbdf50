package io.tidemark.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Version 0.1 wrote {@code golden/jobs-0.1.json}: for each job its fingerprint and the payload that Temporal stores.
 * Never write that file again. Totals in Kafka carry these fingerprints, and open runs carry these payloads.
 */
class GoldenJobsTest {
    private record Golden(String about, JsonNode job, String hash, JsonNode meaning, JsonNode payload) {
        @Override
        public String toString() {
            return about;
        }
    }

    static List<Golden> jobs() throws IOException {
        try (InputStream file = GoldenJobsTest.class.getResourceAsStream("/golden/jobs-0.1.json")) {
            List<Golden> jobs = new ArrayList<>();
            for (JsonNode each : new ObjectMapper().readTree(file)) {
                jobs.add(new Golden(
                        each.path("about").textValue(),
                        each.path("job"),
                        each.path("hash").textValue(),
                        each.path("meaning"),
                        each.path("payload")));
            }
            return jobs;
        }
    }

    @Test
    void theFileHoldsManyDifferentJobs() throws IOException {
        assertThat(jobs()).hasSizeGreaterThan(80);
        assertThat(jobs())
                .extracting(Golden::hash)
                .doesNotContainNull()
                .satisfies(hashes -> assertThat(hashes.stream().distinct()).hasSizeGreaterThan(40));
    }

    @ParameterizedTest
    @MethodSource("jobs")
    void theFingerprintIsThatOfVersion01(Golden golden) {
        JobFingerprint fingerprint = JobFingerprint.of(JobCodec.read(golden.job()));

        assertThat(fingerprint.meaning()).hasToString(golden.meaning().toString());
        assertThat(fingerprint.hash()).isEqualTo(golden.hash());
    }

    @ParameterizedTest
    @MethodSource("jobs")
    void thePayloadOfVersion01IsRead(Golden golden) {
        JobSpec job = JobCodec.read(golden.payload());

        assertThat(job).isEqualTo(JobCodec.read(golden.job()));
        assertThat(JobFingerprint.of(job).hash()).isEqualTo(golden.hash());
    }
}
