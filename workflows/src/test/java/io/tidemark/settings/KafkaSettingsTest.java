package io.tidemark.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KafkaSettingsTest {
    @TempDir
    Path folder;

    @Test
    void theTutorialsFileIsReadAsItIs() throws IOException {
        KafkaSettings settings = load("""
                # Required connection configs for Kafka producer, consumer, and admin
                bootstrap.servers=pkc-1.eu.example.org:9092
                security.protocol=SASL_SSL
                sasl.mechanisms=PLAIN
                sasl.username=KEY
                sasl.password=a=b#c "d\\e

                  # Best practice for higher availability
                session.timeout.ms = 45000
                """);

        assertThat(settings.common())
                .containsOnly(
                        Map.entry("bootstrap.servers", "pkc-1.eu.example.org:9092"),
                        Map.entry("security.protocol", "SASL_SSL"),
                        Map.entry("sasl.mechanism", "PLAIN"),
                        Map.entry(
                                "sasl.jaas.config",
                                "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"KEY\""
                                        + " password=\"a=b#c \\\"d\\\\e\";"));
        assertThat(settings.consumer()).hasSize(5).containsEntry("session.timeout.ms", "45000");
        assertThat(settings.producer()).isEqualTo(settings.common());
        assertThat(settings.warnings()).isEmpty();
    }

    @Test
    void scramUsesItsOwnLoginModule() {
        KafkaSettings settings = KafkaSettings.of(Map.of(
                "bootstrap.servers",
                "a:1",
                "sasl.mechanism",
                "scram-sha-512",
                "sasl.username",
                "u",
                "sasl.password",
                "p"));

        assertThat(settings.common())
                .containsEntry("sasl.mechanism", "SCRAM-SHA-512")
                .containsEntry(
                        "sasl.jaas.config",
                        "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"u\" password=\"p\";");
    }

    @Test
    void settingsOfOneKindOfClientStayThere() throws IOException {
        KafkaSettings settings = load("bootstrap.servers=a:1\nlinger.ms=3\nfetch.min.bytes=7\nclient.rack=r\n");

        assertThat(settings.common()).containsOnlyKeys("bootstrap.servers");
        assertThat(settings.consumer()).containsOnlyKeys("bootstrap.servers", "fetch.min.bytes", "client.rack");
        assertThat(settings.producer()).containsOnlyKeys("bootstrap.servers", "linger.ms", "client.rack");
    }

    @Test
    void aFileForOneKindOfClientOverridesTheMainFile() throws IOException {
        Path main = write("main.config", "bootstrap.servers=a:1,b:2\nclient.id=both\nfetch.wait.max.ms=1\n");
        Path consumer =
                write("c.config", "metadata.broker.list=b:2, a:1\nclient.id=in\nfetch.max.wait.ms=2\nlinger.ms=1\n");
        Path producer = write("p.config", "compression.codec=lz4\n");

        KafkaSettings settings = KafkaSettings.load(main, consumer, producer);

        assertThat(settings.bootstrapServers()).isEqualTo("a:1,b:2");
        assertThat(settings.common()).containsEntry("client.id", "both").doesNotContainKey("compression.type");
        assertThat(settings.consumer()).containsEntry("client.id", "in").containsEntry("fetch.max.wait.ms", "2");
        assertThat(settings.producer()).containsEntry("client.id", "both").containsEntry("compression.type", "lz4");
        assertThat(settings.warnings())
                .containsExactly(consumer + ":4: linger.ms is ignored: it is a setting of producers.");
    }

    @Test
    void settingsThatExactlyOnceDependsOnAreIgnored() throws IOException {
        KafkaSettings settings = load("""
                bootstrap.servers=a:1
                group.id=mine
                transactional.id=mine
                enable.auto.commit=true
                auto.offset.reset=earliest
                isolation.level=read_uncommitted
                enable.idempotence=false
                request.required.acks=0
                key.deserializer=Mine
                value.serializer=Mine
                statistics.interval.ms=5
                """);

        assertThat(settings.consumer()).containsOnlyKeys("bootstrap.servers");
        assertThat(settings.producer()).containsOnlyKeys("bootstrap.servers");
        assertThat(settings.warnings())
                .hasSize(10)
                .contains(
                        folder.resolve("kafka_server.config") + ":8: request.required.acks is ignored: Tidemark sets it"
                                + " itself.",
                        folder.resolve("kafka_server.config")
                                + ":11: statistics.interval.ms is ignored: the Java client has no such setting.");
    }

    @Test
    void twoClustersAreRefused() throws IOException {
        Path main = write("main.config", "bootstrap.servers=a:1\n");
        Path producer = write("p.config", "\nbootstrap.servers=b:1\n");

        assertThatThrownBy(() -> KafkaSettings.load(main, null, producer))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(producer + ":2: bootstrap.servers: 'b:1' differs from 'a:1' at " + main
                        + ":1; all clients must use the same cluster");
    }

    @Test
    void certificatesAndKeysOfLibrdkafkaBecomePemStores() throws IOException {
        Path ca = write("ca.pem", "CA");
        Path certificate = write("cert.pem", "CERT");
        Path key = write("key.pem", "-----BEGIN ENCRYPTED PRIVATE KEY-----");

        KafkaSettings settings = KafkaSettings.of(Map.of(
                "bootstrap.servers",
                "a:1",
                "ssl.ca.location",
                ca.toString(),
                "ssl.certificate.location",
                certificate.toString(),
                "ssl.key.location",
                key.toString(),
                "ssl.key.password",
                "secret",
                "ssl.endpoint.identification.algorithm",
                "none"));

        assertThat(settings.common())
                .containsOnly(
                        Map.entry("bootstrap.servers", "a:1"),
                        Map.entry("ssl.truststore.type", "PEM"),
                        Map.entry("ssl.truststore.location", ca.toString()),
                        Map.entry("ssl.keystore.type", "PEM"),
                        Map.entry("ssl.keystore.certificate.chain", "CERT"),
                        Map.entry("ssl.keystore.key", "-----BEGIN ENCRYPTED PRIVATE KEY-----"),
                        Map.entry("ssl.key.password", "secret"),
                        Map.entry("ssl.endpoint.identification.algorithm", ""));
    }

    @Test
    void aKeyThatJavaCannotReadIsRefusedWithTheCommandThatConvertsIt() throws IOException {
        Path key = write("key.pem", "-----BEGIN RSA PRIVATE KEY-----");

        assertThatThrownBy(() -> load(
                        "bootstrap.servers=a:1\nssl.certificate.location=" + key + "\nssl.key.location=" + key + "\n"))
                .hasMessageContaining(":3: ssl.key.location: the Java client reads keys in PKCS #8 form only")
                .hasMessageEndingWith("openssl pkcs8 -topk8 -in " + key + " -out key.pk8");
    }

    @Test
    void errorsNameFileLineAndKeyAndNoSecret() {
        refused("bootstrap.servers=a:1\nhunter2\n", ":2: is not of the form key=value");
        refused("bootstrap.servers=a\n", ":1: bootstrap.servers: 'a' is not of the form host:port");
        refused("client.id=x\n", ": bootstrap.servers is missing; write bootstrap.servers=host:9092");
        refused(
                "bootstrap.servers=a:1\nsasl.mechanism=PLAIN\nsasl.mechanisms=PLAIN\n",
                ":3: sasl.mechanisms: is already set at " + folder.resolve("kafka_server.config")
                        + ":2 as sasl.mechanism; keep one of them");
        refused(
                "bootstrap.servers=a:1\nsasl.mechanism=PLAIN\nsasl.password=hunter2\n",
                ":3: sasl.password: needs sasl.username, which is missing");
        refused(
                "bootstrap.servers=a:1\nsasl.username=u\nsasl.password=hunter2\n",
                ":2: sasl.username: needs sasl.mechanisms=PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512; it is missing");
        refused(
                "bootstrap.servers=a:1\nssl.ca.location=/nowhere/ca.pem\n",
                ":2: ssl.ca.location: '/nowhere/ca.pem' is not a readable file");
    }

    @Test
    void toStringContainsNamesOnly() {
        KafkaSettings settings = KafkaSettings.of(Map.of(
                "bootstrap.servers",
                "a:1",
                "sasl.mechanism",
                "PLAIN",
                "sasl.username",
                "u",
                "sasl.password",
                "hunter2"));

        assertThat(settings).hasToString("KafkaSettings[bootstrap.servers, sasl.jaas.config, sasl.mechanism]");
    }

    @Test
    void mapsAreCopies() {
        KafkaSettings settings = KafkaSettings.of(Map.of("bootstrap.servers", "a:1"));

        settings.consumer().put("group.id", "x");

        assertThat(settings.consumer()).doesNotContainKey("group.id");
    }

    @Test
    void theOptionOverridesTheEnvironmentWhichOverridesTheDefaultFile() throws IOException {
        Path given = write("given.config", "bootstrap.servers=given:1\n");
        Path named = write("named.config", "bootstrap.servers=named:1\n");

        assertThat(find(null, Map.of())).isEqualTo("localhost:9092");
        write(KafkaSettings.DEFAULT_FILE, "bootstrap.servers=folder:1\n");
        assertThat(find(null, Map.of())).isEqualTo("folder:1");
        assertThat(find(null, Map.of(KafkaSettings.FILE_VARIABLE, named.toString())))
                .isEqualTo("named:1");
        assertThat(find(given, Map.of(KafkaSettings.FILE_VARIABLE, named.toString())))
                .isEqualTo("given:1");
        assertThatThrownBy(() -> find(folder.resolve("none"), Map.of())).isInstanceOf(NoSuchFileException.class);
    }

    private String find(@Nullable Path given, Map<String, String> environment) throws IOException {
        return KafkaSettings.find(given, null, null, environment::get, folder).bootstrapServers();
    }

    private void refused(String content, String message) {
        assertThatThrownBy(() -> load(content))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(folder.resolve("kafka_server.config") + message)
                .hasMessageNotContaining("hunter2");
    }

    private KafkaSettings load(String content) throws IOException {
        return KafkaSettings.load(write("kafka_server.config", content), null, null);
    }

    private Path write(String name, String content) throws IOException {
        return Files.writeString(folder.resolve(name), content);
    }
}
