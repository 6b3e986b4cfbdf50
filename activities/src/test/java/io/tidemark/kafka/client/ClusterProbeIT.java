package io.tidemark.kafka.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.embedded.BrokerCertificate;
import io.tidemark.embedded.EmbeddedKafka;
import io.tidemark.embedded.Ports;
import io.tidemark.run.FailureKind;
import io.tidemark.run.TidemarkException;
import io.tidemark.settings.ClusterProbe;
import io.tidemark.settings.ClusterProbe.Answer;
import io.tidemark.settings.ClusterProbe.Finding;
import io.tidemark.settings.KafkaSettings;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What keeps a client from a cluster, against the listeners of a real broker. */
@Timeout(60)
class ClusterProbeIT {
    /** RFC 6761: a name below .invalid is never known. */
    private static final String UNKNOWN = "kafka-0.invalid";

    @TempDir
    static Path folder;

    private static BrokerCertificate certificate;
    private static EmbeddedKafka kafka;
    private static int unknownPort;
    private static int elsewherePort;
    private static int nobody;

    @BeforeAll
    static void start() {
        certificate = BrokerCertificate.create(folder);
        unknownPort = Ports.free();
        elsewherePort = Ports.free();
        nobody = Ports.free();
        kafka = EmbeddedKafka.builder()
                .certificate(certificate)
                .secureListener("PASSWORD", SecurityProtocol.SASL_PLAINTEXT)
                .secureListener("BOTH", SecurityProtocol.SASL_SSL)
                .secureListener("TLS", SecurityProtocol.SSL)
                .secureListener("MUTUAL", SecurityProtocol.SSL)
                .property("listener.name.mutual.ssl.client.auth", "required")
                .property("listener.name.mutual.ssl.truststore.type", "PEM")
                .property(
                        "listener.name.mutual.ssl.truststore.location",
                        certificate.authority().toString())
                .extraListener("UNKNOWN", unknownPort, UNKNOWN + ":9092")
                .extraListener("ELSEWHERE", elsewherePort, "127.0.0.1:" + nobody)
                .user("worker", "right-secret")
                .start();
    }

    @AfterAll
    static void stop() {
        kafka.close();
    }

    @Test
    void aClusterIsReached() {
        assertThat(ask("CLIENT").finding()).isEqualTo(Finding.REACHED);
        assertThat(ask("TLS", "security.protocol", "SSL", "ssl.ca.location", authority()))
                .isEqualTo(new Answer(Finding.REACHED, ""));
        assertThat(askWithPassword("PASSWORD", "SASL_PLAINTEXT", "right-secret").finding())
                .isEqualTo(Finding.REACHED);
        assertThat(askWithPassword("BOTH", "SASL_SSL", "right-secret").finding())
                .isEqualTo(Finding.REACHED);
    }

    @Test
    void aClientWithoutALoginIsToldWhatThePortExpects() {
        assertRefused(
                ask("PASSWORD"),
                "security.protocol is PLAINTEXT, but " + kafka.bootstrapServers("PASSWORD")
                        + " expects no TLS and a login with PLAIN or SCRAM-SHA-512; write"
                        + " security.protocol=SASL_PLAINTEXT and the sasl.* settings");
    }

    @Test
    void aClientWithoutTlsIsToldWhatThePortExpects() {
        assertRefused(
                ask("TLS"), "security.protocol is PLAINTEXT", "expects TLS and no login; write security.protocol=SSL");
        assertRefused(ask("BOTH"), "expects TLS and a login with", "write security.protocol=SASL_SSL");
        assertRefused(ask("MUTUAL"), "expects TLS and no login; write security.protocol=SSL");
        assertRefused(askWithPassword("BOTH", "SASL_PLAINTEXT", "right-secret"), "write security.protocol=SASL_SSL");
        assertRefused(
                ask("BOTH", "security.protocol", "SSL", "ssl.ca.location", authority()),
                "security.protocol is SSL",
                "write security.protocol=SASL_SSL");
    }

    @Test
    void aClientWithTlsAtAPortWithoutIsToldSo() {
        assertRefused(
                ask("CLIENT", "security.protocol", "SSL", "ssl.ca.location", authority()),
                "security.protocol is SSL",
                "expects no TLS and no login; write security.protocol=PLAINTEXT");
    }

    @Test
    void rejectedCredentialsAreNamedWithoutThem() {
        assertNotAuthenticated(
                askWithPassword("PASSWORD", "SASL_PLAINTEXT", "wrong-secret"),
                "SaslAuthenticationException: Authentication failed: Invalid username or password");
        assertNotAuthenticated(
                askWithMechanism("SCRAM-SHA-256"),
                "UnsupportedSaslMechanismException: Client SASL mechanism 'SCRAM-SHA-256' not enabled in the server,"
                        + " enabled mechanisms are [PLAIN, SCRAM-SHA-512]");
        assertNotAuthenticated(
                askWithPassword("CLIENT", "SASL_PLAINTEXT", "right-secret"), "IllegalSaslStateException");
        assertNotAuthenticated(
                ask("TLS", "security.protocol", "SSL"),
                "SslAuthenticationException: ",
                "unable to find valid certification path",
                "ssl.ca.location");
    }

    @Test
    void anAdvertisedHostThatIsUnknownHereIsNamed() {
        Answer answer = ask("UNKNOWN");

        assertThat(answer.finding()).isEqualTo(Finding.UNKNOWN_HOST);
        assertThat(answer.sentence())
                .startsWith("broker 1 advertises " + UNKNOWN + ":9092, which this machine cannot resolve.")
                .contains("advertised.listeners", "hosts file");
    }

    @Test
    void anAdvertisedAddressWithoutABrokerIsNamed() {
        Answer answer = ask("ELSEWHERE");

        assertThat(answer.finding()).isEqualTo(Finding.DOWN);
        assertThat(answer.sentence())
                .startsWith("broker 1 advertises 127.0.0.1:" + nobody + ", where no broker answers this machine.");
    }

    @Test
    void anUnknownHostOfTheSettingsIsNamed() {
        Answer answer = ClusterProbe.ask(KafkaSettings.of(Map.of("bootstrap.servers", UNKNOWN + ":9092")));

        assertThat(answer.finding()).isEqualTo(Finding.UNKNOWN_HOST);
        assertThat(answer.sentence()).contains(UNKNOWN + ":9092: this machine cannot resolve the name");
    }

    @Test
    void oneKnownServerIsEnough() {
        assertThat(ClusterProbe.ask(KafkaSettings.of(
                                Map.of("bootstrap.servers", UNKNOWN + ":9092," + kafka.bootstrapServers())))
                        .finding())
                .isEqualTo(Finding.REACHED);
    }

    @Test
    void aPortWithoutABrokerIsDown() {
        Answer answer = ClusterProbe.ask(KafkaSettings.of(Map.of("bootstrap.servers", "127.0.0.1:" + nobody)));

        assertThat(answer.finding()).isEqualTo(Finding.DOWN);
        assertThat(answer.sentence()).startsWith("no Kafka broker answers at 127.0.0.1:" + nobody);
    }

    @Test
    void aTokenServerThatIsDownMayComeBack() {
        Answer answer = ask(
                "PASSWORD",
                "security.protocol",
                "SASL_PLAINTEXT",
                "sasl.mechanism",
                "OAUTHBEARER",
                "sasl.oauthbearer.method",
                "oidc",
                "sasl.oauthbearer.client.id",
                "me",
                "sasl.oauthbearer.client.secret",
                "right-secret",
                "sasl.oauthbearer.token.endpoint.url",
                "http://127.0.0.1:" + nobody + "/token",
                "sasl.login.retry.backoff.ms",
                "1",
                "sasl.login.retry.backoff.max.ms",
                "1");

        assertThat(answer.finding()).as(answer.sentence()).isEqualTo(Finding.DOWN);
        assertThat(answer.sentence())
                .contains("sasl.oauthbearer.token.endpoint.url: the server does not answer")
                .doesNotContain("right-secret");
    }

    @Test
    void aRunsFailureHasTheCauseAndIsRetriedOnlyIfThatCanHelp() {
        assertThat(explained("PASSWORD").kind()).isEqualTo(FailureKind.REFUSED_BY_KAFKA);
        assertThat(explained("UNKNOWN"))
                .hasMessageContaining(UNKNOWN)
                .hasMessageEndingWith("(plan: TimeoutException: no answer)")
                .extracting(TidemarkException::kind)
                .isEqualTo(FailureKind.KAFKA_UNAVAILABLE);
        assertThat(explained("CLIENT")).hasMessage("plan: TimeoutException: no answer");
    }

    private static TidemarkException explained(String listener) {
        try (KafkaClients clients = new KafkaClients(settings(listener))) {
            return clients.explain(KafkaCalls.named("plan", new TimeoutException("no answer")));
        }
    }

    private static void assertRefused(Answer answer, String... words) {
        assertThat(answer.finding()).as(answer.sentence()).isEqualTo(Finding.REFUSED);
        assertThat(answer.sentence()).contains(words).doesNotContain("right-secret");
    }

    private static void assertNotAuthenticated(Answer answer, String... words) {
        assertThat(answer.finding()).as(answer.sentence()).isEqualTo(Finding.NOT_AUTHENTICATED);
        assertThat(answer.sentence()).contains(words).doesNotContain("right-secret", "wrong-secret");
    }

    private static Answer askWithPassword(String listener, String protocol, String password) {
        return ask(
                listener,
                "security.protocol",
                protocol,
                "ssl.ca.location",
                authority(),
                "sasl.mechanism",
                "PLAIN",
                "sasl.username",
                "worker",
                "sasl.password",
                password);
    }

    private static Answer askWithMechanism(String mechanism) {
        return ask(
                "PASSWORD",
                "security.protocol",
                "SASL_PLAINTEXT",
                "sasl.mechanism",
                mechanism,
                "sasl.username",
                "worker",
                "sasl.password",
                "right-secret");
    }

    private static Answer ask(String listener, String... more) {
        return ClusterProbe.ask(settings(listener, more));
    }

    private static KafkaSettings settings(String listener, String... more) {
        Map<String, String> settings = new HashMap<>();
        settings.put(
                "bootstrap.servers",
                switch (listener) {
                    case "CLIENT" -> kafka.bootstrapServers();
                    case "UNKNOWN" -> "127.0.0.1:" + unknownPort;
                    case "ELSEWHERE" -> "127.0.0.1:" + elsewherePort;
                    default -> kafka.bootstrapServers(listener);
                });
        for (int i = 0; i < more.length; i += 2) {
            settings.put(more[i], more[i + 1]);
        }
        return KafkaSettings.of(settings);
    }

    private static String authority() {
        return certificate.authority().toString();
    }
}
