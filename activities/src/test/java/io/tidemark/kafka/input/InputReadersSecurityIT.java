package io.tidemark.kafka.input;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.embedded.BrokerCertificate;
import io.tidemark.embedded.EmbeddedKafka;
import io.tidemark.kafka.cluster.TopicCatalog;
import io.tidemark.kafka.input.TwoReaders.Outcome;
import io.tidemark.run.FailureKind;
import io.tidemark.run.PartitionRange;
import io.tidemark.testkit.LifecycleSuite;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Both readers with TLS and passwords, and where access is denied. */
@LifecycleSuite
@Timeout(60)
class InputReadersSecurityIT {
    private static final String TOPIC = "readings";
    private static final int PARTITIONS = 3;
    private static final long SEED = Long.getLong("tidemark.seed", System.nanoTime());

    @TempDir
    private static Path folder;

    private static BrokerCertificate certificate;
    private static EmbeddedKafka kafka;
    private static List<PartitionRange> ranges;
    private static Outcome plain;

    @BeforeAll
    static void start() throws Exception {
        certificate = BrokerCertificate.create(folder);
        kafka = EmbeddedKafka.builder()
                .certificate(certificate)
                .secureListener("TLS", SecurityProtocol.SSL)
                .secureListener("PASSWORD", SecurityProtocol.SASL_PLAINTEXT)
                .secureListener("BOTH", SecurityProtocol.SASL_SSL)
                .user("reader", "secret")
                .user("looker", "secret")
                .user("stranger", "secret")
                .authorizer()
                .start();
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            admin.createTopics(List.of(
                            new NewTopic(TOPIC, PARTITIONS, (short) 1).configs(Map.of("max.message.bytes", "4194304"))))
                    .all()
                    .get();
            admin.alterUserScramCredentials(List.of(new UserScramCredentialUpsertion(
                            "reader", new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096), "scram-secret")))
                    .all()
                    .get();
            admin.createAcls(List.of(allow("reader", AclOperation.READ), allow("looker", AclOperation.DESCRIBE)))
                    .all()
                    .get();
        }
        try (RandomLog log = new RandomLog(kafka.bootstrapServers(), TOPIC, PARTITIONS, SEED, 500_000)) {
            log.write(60);
            log.settle();
        }
        try (TwoReaders readers = new TwoReaders(kafka.bootstrapServers(), Map.of())) {
            ranges = new ArrayList<>();
            new TopicCatalog(readers.clients())
                    .stableBounds(TOPIC, List.of(0, 1, 2))
                    .ends()
                    .forEach((partition, end) -> ranges.add(new PartitionRange(partition, 0, end)));
            plain = readers.readAlike("seed " + SEED + ", plain text", TOPIC, ranges);
        }
    }

    @AfterAll
    static void stop() {
        kafka.close();
    }

    private static AclBinding allow(String user, AclOperation operation) {
        return new AclBinding(
                new ResourcePattern(ResourceType.TOPIC, TOPIC, PatternType.LITERAL),
                new AccessControlEntry("User:" + user, "*", operation, AclPermissionType.ALLOW));
    }

    /** Returns readers for a listener, with settings as for the tutorial's client. */
    private static TwoReaders readers(String listener, String... settings) {
        Map<String, String> all = new HashMap<>();
        for (int i = 0; i < settings.length; i += 2) {
            all.put(settings[i], settings[i + 1]);
        }
        if (!listener.equals("PASSWORD")) {
            all.putIfAbsent("ssl.ca.location", certificate.authority().toString());
        }
        all.put(
                "security.protocol",
                switch (listener) {
                    case "TLS" -> "SSL";
                    case "PASSWORD" -> "SASL_PLAINTEXT";
                    default -> "SASL_SSL";
                });
        return new TwoReaders(kafka.bootstrapServers(listener), all);
    }

    private static TwoReaders readers(String listener, String mechanism, String user, String password) {
        return readers(listener, "sasl.mechanisms", mechanism, "sasl.username", user, "sasl.password", password);
    }

    @Test
    void theSameRecordsComeThroughTls() {
        try (TwoReaders readers = readers("TLS")) {
            TwoReaders.assertSame("TLS", plain, readers.readAlike("seed " + SEED + ", TLS", TOPIC, ranges));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "PASSWORD, PLAIN, secret",
        "PASSWORD, SCRAM-SHA-512, scram-secret",
        "BOTH, PLAIN, secret",
        "BOTH, SCRAM-SHA-512, scram-secret"
    })
    void theSameRecordsComeToThoseWhoSayTheirPassword(String listener, String mechanism, String password) {
        try (TwoReaders readers = readers(listener, mechanism, "reader", password)) {
            String what = listener + " " + mechanism;
            TwoReaders.assertSame(what, plain, readers.readAlike("seed " + SEED + ", " + what, TOPIC, ranges));
        }
    }

    @ParameterizedTest
    @CsvSource({"PASSWORD, PLAIN", "PASSWORD, SCRAM-SHA-512", "BOTH, PLAIN", "BOTH, SCRAM-SHA-512"})
    void aWrongPasswordIsRefusedAlike(String listener, String mechanism) {
        try (TwoReaders readers = readers(listener, mechanism, "reader", "wrong")) {
            assertThat(readers.failAlike(TOPIC, ranges, Duration.ofSeconds(20))).allSatisfy(each -> {
                assertThat(each.kind()).isEqualTo(FailureKind.NOT_AUTHENTICATED);
                assertThat(each).hasMessageContaining("sasl").hasMessageNotContaining("wrong");
            });
        }
    }

    @Test
    void aCertificateThatNobodyVouchesForIsRefusedAlike(@TempDir Path other) {
        String stranger = BrokerCertificate.create(other).authority().toString();
        try (TwoReaders readers = readers("TLS", "ssl.ca.location", stranger)) {
            assertThat(readers.failAlike(TOPIC, ranges, Duration.ofSeconds(20)))
                    .allSatisfy(each -> assertThat(each.kind()).isEqualTo(FailureKind.NOT_AUTHENTICATED));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"looker", "stranger"})
    void whoMayNotReadTheTopicIsToldItsName(String user) {
        // One user may describe the topic and the fetch is denied; for the other the metadata request is denied.
        try (TwoReaders readers = readers("PASSWORD", "PLAIN", user, "secret")) {
            assertThat(readers.failAlike(TOPIC, ranges, Duration.ofSeconds(20))).allSatisfy(each -> {
                assertThat(each.kind()).isEqualTo(FailureKind.NOT_AUTHORIZED);
                assertThat(each).hasMessageContaining("topic " + TOPIC);
            });
        }
    }
}
