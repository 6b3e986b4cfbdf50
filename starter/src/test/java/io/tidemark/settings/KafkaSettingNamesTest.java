package io.tidemark.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.types.Password;
import org.apache.kafka.common.security.JaasContext;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compares the names, which are in a module without Kafka, with those of the clients. */
class KafkaSettingNamesTest {
    @Test
    void theNamesAreThoseOfTheClients() {
        // Known to admin clients under another meaning, or only for tests inside the client.
        Set<String> internal = Set.of("internal.throw.on.fetch.stable.offset.unsupported");
        Set<String> everywhere = new TreeSet<>(ConsumerConfig.configNames());
        everywhere.retainAll(ProducerConfig.configNames());
        everywhere.retainAll(AdminClientConfig.configNames());
        assertThat(KafkaSettingNames.COMMON).isEqualTo(everywhere);
        assertThat(KafkaSettingNames.CONSUMER)
                .isEqualTo(minus(minus(ConsumerConfig.configNames(), everywhere), internal));
        assertThat(KafkaSettingNames.PRODUCER).isEqualTo(minus(ProducerConfig.configNames(), everywhere));
    }

    @Test
    void aRenamedSettingExistsUnderItsNewName() {
        assertThat(KafkaSettingNames.RENAMED.values())
                .allMatch(name -> KafkaSettingNames.COMMON.contains(name)
                        || KafkaSettingNames.CONSUMER.contains(name)
                        || KafkaSettingNames.PRODUCER.contains(name));
    }

    /** The clients accept the settings of the example: a producer can be created without a broker. */
    @Test
    void theExampleOfAFileIsOneThatWorks() throws IOException {
        KafkaSettings settings = KafkaSettings.load(Path.of("../docs/kafka_server.config.example"), null, null);

        assertThat(settings.warnings()).isEmpty();
        ProducerConfig producer = new ProducerConfig(serializers(settings.producer()));
        assertThat(producer.getString("sasl.mechanism")).isEqualTo("PLAIN");
        assertThat(producer.getString("security.protocol")).isEqualTo("SASL_SSL");
        JaasContext jaas = JaasContext.loadClientContext(Map.of(
                "sasl.jaas.config", new Password((String) settings.common().get("sasl.jaas.config"))));
        assertThat(jaas.configurationEntries().get(0).getOptions())
                .isEqualTo(Map.of("username", "YOUR_API_KEY", "password", "YOUR_API_SECRET"));
    }

    @Test
    void aPasswordOfAnyCharactersReachesTheLoginModuleAsItIs() {
        String password = "a\"b\\c'd;e=f#g $h";
        KafkaSettings settings = KafkaSettings.of(Map.of(
                "bootstrap.servers",
                "a:1",
                "sasl.mechanism",
                "SCRAM-SHA-256",
                "sasl.username",
                "u",
                "sasl.password",
                password));

        JaasContext jaas = JaasContext.loadClientContext(Map.of(
                "sasl.jaas.config", new Password((String) settings.common().get("sasl.jaas.config"))));

        assertThat(jaas.configurationEntries().get(0).getOptions())
                .isEqualTo(Map.of("username", "u", "password", password));
    }

    @Test
    void theReferencePageListsTheSpellingsOfLibrdkafkaAndTheIgnoredSettings() throws IOException {
        String page = Files.readString(Path.of("../docs/reference/settings.md"));
        Map<String, String> spellings = new TreeMap<>();
        Pattern.compile("(?m)^\\| `([a-z.]+)` \\| `([a-z.]+)` \\|$")
                .matcher(page)
                .results()
                .forEach(each -> spellings.put(each.group(1), each.group(2)));
        Set<String> ignored = Pattern.compile("(?m)^\\| `([a-z.]+)` \\|$")
                .matcher(page)
                .results()
                .map(each -> each.group(1))
                .collect(Collectors.toSet());

        assertThat(spellings).containsAllEntriesOf(KafkaSettingNames.RENAMED);
        assertThat(minus(spellings.keySet(), KafkaSettingNames.RENAMED.keySet()))
                .isEqualTo(KafkaSettingNames.TRANSLATED);
        assertThat(ignored).isEqualTo(KafkaSettingNames.SET_BY_TIDEMARK);
    }

    /** Login modules of others are not on the class path of this test: without their classes the settings are only read. */
    @Test
    void theFilesOfTheHowToPageAreAccepted(@TempDir Path folder) throws IOException {
        String page = Files.readString(Path.of("../docs/how-to/connect-to-a-cluster.md"));
        for (String name : List.of("ca.pem", "service.cert", "service.key")) {
            Files.writeString(folder.resolve(name), "-----BEGIN PRIVATE KEY-----");
        }
        List<String> files = Pattern.compile("(?s)```properties\\n(.*?)```")
                .matcher(page)
                .results()
                .map(each -> each.group(1).replace("/etc/tidemark", folder.toString()))
                .toList();
        assertThat(files).hasSize(10);
        for (String each : files) {
            KafkaSettings settings =
                    KafkaSettings.load(Files.writeString(folder.resolve("kafka.config"), each), null, null);

            assertThat(settings.warnings()).as(each).isEmpty();
            Map<String, Object> common = settings.common();
            common.keySet().removeIf(key -> key.endsWith(".callback.handler.class"));
            AdminClientConfig admin = new AdminClientConfig(common);
            assertThat(admin.getString("security.protocol")).as(each).endsWith("SSL");
            if (admin.getString("security.protocol").equals("SASL_SSL")) {
                JaasContext jaas = JaasContext.loadClientContext(
                        Map.of("sasl.jaas.config", admin.getPassword("sasl.jaas.config")));
                assertThat(jaas.configurationEntries()).as(each).hasSize(1);
            }
        }
    }

    /** Each line is the setting that the page names beside it, with what else it needs. */
    @Test
    void aTranslatedSettingBecomesTheOneOnTheReferencePage(@TempDir Path folder) throws IOException {
        Path pem = Files.writeString(folder.resolve("any.pem"), "-----BEGIN PRIVATE KEY-----");

        Map<String, Object> login = KafkaSettings.of(Map.of(
                        "bootstrap.servers",
                        "a:1",
                        "sasl.mechanisms",
                        "PLAIN",
                        "sasl.username",
                        "u",
                        "sasl.password",
                        "p"))
                .common();
        Map<String, Object> certificates = KafkaSettings.of(Map.of(
                        "bootstrap.servers",
                        "a:1",
                        "ssl.ca.location",
                        pem.toString(),
                        "ssl.certificate.location",
                        pem.toString(),
                        "ssl.key.location",
                        pem.toString()))
                .common();

        assertThat(login).containsKey("sasl.jaas.config").doesNotContainKeys("sasl.username", "sasl.password");
        assertThat(certificates)
                .containsKeys("ssl.truststore.location", "ssl.keystore.certificate.chain", "ssl.keystore.key")
                .doesNotContainKeys("ssl.ca.location", "ssl.certificate.location", "ssl.key.location");
    }

    private static Map<String, Object> serializers(Map<String, Object> settings) {
        settings.put("key.serializer", ByteArraySerializer.class);
        settings.put("value.serializer", ByteArraySerializer.class);
        return settings;
    }

    private static Set<String> minus(Set<String> names, Set<String> others) {
        Set<String> left = new TreeSet<>(names);
        left.removeAll(others);
        return left;
    }
}
