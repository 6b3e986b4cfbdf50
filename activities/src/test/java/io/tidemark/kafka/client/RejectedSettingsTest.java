package io.tidemark.kafka.client;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.embedded.BrokerCertificate;
import io.tidemark.settings.ClusterProbe;
import io.tidemark.settings.KafkaSettings;
import io.tidemark.settings.RejectedSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Makes Kafka's clients from settings, without a broker. */
class RejectedSettingsTest {
    @TempDir
    static Path folder;

    private static BrokerCertificate certificate;

    @BeforeAll
    static void make() {
        certificate = BrokerCertificate.create(folder);
    }

    /** A file for a client, and what the refusal says: its beginning after the file's name, and its cause. */
    record Rejected(String file, String begin, String cause) {}

    static Stream<Rejected> rejected() {
        String store = "ssl.truststore.location=KEYSTORE\nssl.truststore.password=";
        return Stream.of(
                new Rejected(
                        "security.protocol=SSL\n" + store + "hunter2\n",
                        ":4: ssl.truststore.password: ",
                        "keystore password was incorrect"),
                new Rejected(
                        "security.protocol=SSL\nssl.truststore.type=PEM\nssl.truststore.certificates=-----BEGIN"
                                + " CERTIFICATE-----\\nhunter2\\n-----END CERTIFICATE-----\n",
                        ":",
                        "PEM"),
                new Rejected("security.protocol=TLS\n", ":2: security.protocol: ", "TLS"),
                new Rejected(
                        "security.protocol=SASL_SSL\nsasl.mechanism=PLAIN\n",
                        ":3: sasl.mechanism: ",
                        "write sasl.jaas.config, or sasl.username and sasl.password"),
                new Rejected(
                        "security.protocol=SASL_SSL\nsasl.mechanism=PLAIN\nsasl.jaas.config=org.apache.kafka.common"
                                + ".security.plain.PlainLoginModule required username=\"u\" password=\"hunter2\"\n",
                        ":4: sasl.jaas.config: ",
                        "semi-colon"),
                new Rejected(
                        "security.protocol=SASL_SSL\nsasl.mechanism=AWS_MSK_IAM\nsasl.jaas.config="
                                + "software.amazon.msk.auth.iam.IAMLoginModule required;\n",
                        ":4: sasl.jaas.config: ",
                        "software.amazon.msk.auth.iam.IAMLoginModule is in a jar of its own, add that jar to"
                                + " TIDEMARK_CLASSPATH"),
                new Rejected(
                        "security.protocol=SASL_SSL\nsasl.mechanism=OAUTHBEARER\nsasl.login.callback.handler.class="
                                + "io.strimzi.kafka.oauth.client.JaasClientOauthLoginCallbackHandler\n",
                        ":4: sasl.login.callback.handler.class: ",
                        "add that jar to TIDEMARK_CLASSPATH"),
                new Rejected("request.timeout.ms=soon\n", ":2: request.timeout.ms: ", "soon"),
                new Rejected(
                        "spring.kafka.consumer.properties.max.poll.records=many\n",
                        ":2: " + "spring.kafka.consumer.properties.max.poll.records: ",
                        "many"));
    }

    @ParameterizedTest
    @MethodSource("rejected")
    void theProbeNamesLineSettingAndCauseAndNoSecret(Rejected rejected) throws IOException {
        KafkaSettings settings = settings(rejected.file());

        assertThatThrownBy(() -> ClusterProbe.ask(settings))
                .isInstanceOf(RejectedSettings.class)
                .hasMessageStartingWith(folder.resolve("kafka.config") + rejected.begin())
                .hasMessageContaining("the Kafka client rejects the settings: ")
                .hasMessageContaining(rejected.cause())
                .hasMessageNotContaining("hunter2")
                .hasMessageNotContaining("Failed to create new KafkaAdminClient");
    }

    /** Only the producer's constructor compares the two. */
    @Test
    void aProducerThatCannotBeMadeIsFoundByTheCheck() throws IOException {
        try (KafkaClients clients = new KafkaClients(settings("delivery.timeout.ms=1000\nlinger.ms=2000\n"))) {
            assertThatThrownBy(clients::check)
                    .isInstanceOf(RejectedSettings.class)
                    .hasMessageStartingWith(folder.resolve("kafka.config") + ":2: delivery.timeout.ms: ");
        }
    }

    static Stream<String> accepted() {
        return Stream.of(
                "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\nsasl.jaas.config=org.apache.kafka.common.security"
                        + ".plain.PlainLoginModule required \\\n  username=\"alice\" \\\n"
                        + "  password=\"pa=ss#w,o;rd: \\\"q\\\" {x}\";\n",
                "security.protocol=SSL\nssl.truststore.type=PEM\nssl.truststore.certificates=PEM\n",
                "security.protocol=SSL\nssl.truststore.location=AUTHORITY\n",
                "security.protocol=SSL\nssl.ca.location=AUTHORITY\n",
                "security.protocol=SSL\nssl.keystore.location=KEYSTORE\nssl.keystore.password=PASSWORD\n");
    }

    @ParameterizedTest
    @MethodSource("accepted")
    void clientsAreMadeFromTheseForms(String file) throws IOException {
        try (KafkaClients clients = new KafkaClients(settings(file))) {
            assertThatCode(clients::check).doesNotThrowAnyException();
        }
    }

    private static KafkaSettings settings(String text) throws IOException {
        Path file = folder.resolve("kafka.config");
        String pem = Files.readString(certificate.authority()).replace("\r", "").replace("\n", "\\n");
        Files.writeString(
                file,
                "bootstrap.servers=localhost:1\n"
                        + text.replace("KEYSTORE", certificate.keyStore().toString())
                                .replace("=PASSWORD", "=" + certificate.password())
                                .replace("AUTHORITY", certificate.authority().toString())
                                .replace(
                                        "=PEM\nssl.truststore.certificates=PEM",
                                        "=PEM\nssl.truststore.certificates=" + pem));
        return KafkaSettings.load(file, null, null);
    }
}
