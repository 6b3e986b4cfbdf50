package io.tidemark.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Settings files as other programs have them: a text, and the settings of the Java client or the refusal. */
class SettingsFormsTest {
    private static final String OAUTH = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginCallbackHandler";
    private static final String OAUTH_MODULE =
            "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required";
    private static final String PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule required";

    @TempDir
    Path folder;

    /** A file, where FOLDER stands for a folder with files of certificates, and what admin clients get of it. */
    record Form(String name, String file, Map<String, String> java) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Form form(String name, String file, String... java) {
        Map<String, String> expected = new TreeMap<>();
        for (int i = 0; i < java.length; i += 2) {
            expected.put(java[i], java[i + 1]);
        }
        expected.putIfAbsent("bootstrap.servers", "a:1");
        return new Form(name, file, expected);
    }

    static Stream<Form> forms() {
        return Stream.of(
                form(
                        "JAAS in several lines, with quotes, = and # in the password",
                        """
                        bootstrap.servers=a:1
                        sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required \\
                          username="alice" \\
                          password="pa=ss#w,o;rd: \\"q\\" {x}";
                        """,
                        "sasl.jaas.config",
                        PLAIN + " username=\"alice\" password=\"pa=ss#w,o;rd: \\\"q\\\" {x}\";"),
                form(
                        "JAAS in several lines without backslashes, before another setting",
                        """
                        sasl.jaas.config = org.apache.kafka.common.security.plain.PlainLoginModule required
                           username="alice"
                           password="a";
                        bootstrap.servers = a:1
                        """,
                        "sasl.jaas.config",
                        PLAIN + " username=\"alice\" password=\"a\";"),
                form("JAAS without its semicolon does not take the next setting", """
                        sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required
                        bootstrap.servers=a:1
                        """, "sasl.jaas.config", PLAIN),
                form("PEM in one line", """
                        bootstrap.servers=a:1
                        ssl.truststore.type=PEM
                        ssl.truststore.certificates=-----BEGIN CERTIFICATE-----\\nMIID+/=\\nAA==\\n-----END CERTIFICATE-----\\n
                        """, "ssl.truststore.type", "PEM", "ssl.truststore.certificates", """
                        -----BEGIN CERTIFICATE-----
                        MIID+/=
                        AA==
                        -----END CERTIFICATE-----
                        """),
                form("PEM in continued lines", """
                        bootstrap.servers=a:1
                        ssl.ca.pem=-----BEGIN CERTIFICATE-----\\n\\
                          MIID+/=\\n\\
                          -----END CERTIFICATE-----
                        """, "ssl.truststore.type", "PEM", "ssl.truststore.certificates", """
                        -----BEGIN CERTIFICATE-----
                        MIID+/=
                        -----END CERTIFICATE-----"""),
                form("PEM as it is", """
                        ssl.ca.pem=-----BEGIN CERTIFICATE-----
                        MIID+/=
                        -----END CERTIFICATE-----
                        bootstrap.servers=a:1
                        """, "ssl.truststore.type", "PEM", "ssl.truststore.certificates", """
                        -----BEGIN CERTIFICATE-----
                        MIID+/=
                        -----END CERTIFICATE-----"""),
                form(
                        "a file that Java wrote",
                        """
                        #Fri Nov 27 12:00:00 UTC 2026
                        bootstrap.servers=a\\:1
                        client.id=\\u00FC\\=1
                        sasl.jaas.config=x required password\\="a\\\\"b\\=c";
                        """,
                        "client.id",
                        "\u00FC=1",
                        "sasl.jaas.config",
                        "x required password=\"a\\\"b=c\";"),
                form(
                        "backslashes in a file that Java did not write are what they are",
                        """
                        bootstrap.servers=a:1
                        client.id=a\\\\b\\tc\\u0041\\:d
                        """,
                        "client.id",
                        "a\\\\b\\tc\\u0041\\:d"),
                form(
                        "a password that ends with a backslash",
                        """
                        bootstrap.servers=a:1
                        sasl.mechanism=PLAIN
                        sasl.username=u
                        sasl.password=p\\
                        security.protocol=SASL_SSL
                        """,
                        "security.protocol",
                        "SASL_SSL",
                        "sasl.mechanism",
                        "PLAIN",
                        "sasl.jaas.config",
                        PLAIN + " username=\"u\" password=\"p\\\\\";"),
                form(
                        "lines that end as on Windows, with a byte-order mark",
                        "\uFEFFbootstrap.servers=a:1\r\nsecurity.protocol=SSL\r\n",
                        "security.protocol",
                        "SSL"),
                form("separators and comments of Java", """
                        ! a comment
                        bootstrap.servers: a:1
                        security.protocol : SASL_SSL
                        client.id me
                        """, "security.protocol", "SASL_SSL", "client.id", "me"),
                form(
                        "a list with a protocol, as clouds show it",
                        """
                        bootstrap.servers=SASL_SSL://a:1, SASL_SSL://b:2,
                        """,
                        "bootstrap.servers",
                        "a:1,b:2",
                        "security.protocol",
                        "SASL_SSL"),
                form(
                        "OIDC of librdkafka",
                        """
                        bootstrap.servers=a:1
                        security.protocol=SASL_PLAINTEXT
                        sasl.mechanisms=OAUTHBEARER
                        sasl.oauthbearer.method=oidc
                        sasl.oauthbearer.client.id=my-client
                        sasl.oauthbearer.client.secret=my-secret
                        sasl.oauthbearer.token.endpoint.url=http://localhost:1/token
                        sasl.oauthbearer.scope=kafka
                        sasl.oauthbearer.extensions=logicalCluster=lkc-1, identityPoolId=pool-1
                        """,
                        "security.protocol",
                        "SASL_PLAINTEXT",
                        "sasl.mechanism",
                        "OAUTHBEARER",
                        "sasl.oauthbearer.client.credentials.client.id",
                        "my-client",
                        "sasl.oauthbearer.client.credentials.client.secret",
                        "my-secret",
                        "sasl.oauthbearer.token.endpoint.url",
                        "http://localhost:1/token",
                        "sasl.oauthbearer.scope",
                        "kafka",
                        "sasl.login.callback.handler.class",
                        OAUTH,
                        "sasl.jaas.config",
                        OAUTH_MODULE + " extension_logicalCluster=\"lkc-1\" extension_identityPoolId=\"pool-1\";"),
                form(
                        "OIDC of the Java client keeps its own classes",
                        """
                        bootstrap.servers=a:1
                        sasl.mechanism=OAUTHBEARER
                        sasl.oauthbearer.token.endpoint.url=http://localhost:1/token
                        sasl.login.callback.handler.class=mine.Handler
                        sasl.jaas.config=mine.Module required;
                        """,
                        "sasl.mechanism",
                        "OAUTHBEARER",
                        "sasl.oauthbearer.token.endpoint.url",
                        "http://localhost:1/token",
                        "sasl.login.callback.handler.class",
                        "mine.Handler",
                        "sasl.jaas.config",
                        "mine.Module required;"),
                form(
                        "a key table of Kerberos",
                        """
                        bootstrap.servers=a:1
                        sasl.mechanisms=GSSAPI
                        sasl.kerberos.keytab=FOLDER/any.pem
                        sasl.kerberos.principal=me@EXAMPLE.COM
                        sasl.kerberos.kinit.cmd=kinit -t "%{sasl.kerberos.keytab}"
                        """,
                        "sasl.mechanism",
                        "GSSAPI",
                        "sasl.kerberos.service.name",
                        "kafka",
                        "sasl.jaas.config",
                        "com.sun.security.auth.module.Krb5LoginModule required useKeyTab=true storeKey=true"
                                + " keyTab=\"FOLDER/any.pem\" principal=\"me@EXAMPLE.COM\";"),
                form(
                        "Spring",
                        """
                        spring.kafka.bootstrap-servers=a:1
                        spring.kafka.security.protocol=SSL
                        spring.kafka.ssl.trust-store-location=file:FOLDER/any.pem
                        spring.kafka.ssl.trust-store-password=x
                        spring.kafka.ssl.key-password=y
                        spring.kafka.properties[sasl.mechanism]=PLAIN
                        spring.kafka.properties.client.id=me
                        """,
                        "security.protocol",
                        "SSL",
                        "ssl.truststore.location",
                        "FOLDER/any.pem",
                        "ssl.truststore.type",
                        "PEM",
                        "ssl.truststore.password",
                        "x",
                        "ssl.key.password",
                        "y",
                        "sasl.mechanism",
                        "PLAIN",
                        "client.id",
                        "me"),
                form("names after kafka.", "kafka.bootstrap.servers=a:1\nkafka.client.id=me\n", "client.id", "me"),
                form(
                        "a store of PEM without a type",
                        """
                        bootstrap.servers=a:1
                        ssl.truststore.location=FOLDER/any.pem
                        """,
                        "ssl.truststore.location",
                        "FOLDER/any.pem",
                        "ssl.truststore.type",
                        "PEM"),
                form("settings that change nothing", """
                        bootstrap.servers=a:1
                        enable.ssl.certificate.verification=true
                        broker.address.family=any
                        sasl.oauthbearer.method=default
                        """));
    }

    @ParameterizedTest
    @MethodSource("forms")
    void aFormOfAnotherProgramIsUnderstood(Form form) throws IOException {
        KafkaSettings settings = load(form.file());

        Map<String, Object> expected = new TreeMap<>();
        form.java().forEach((name, value) -> expected.put(name, value.replace("FOLDER", folder.toString())));
        assertThat(new TreeMap<>(settings.common())).isEqualTo(expected);
        assertThat(settings.warnings()).isEmpty();
    }

    /** A file, and the end of the message that refuses it. */
    record Refusal(String file, String message) {}

    static Stream<Refusal> refusals() {
        return Stream.of(
                new Refusal(
                        "spring:\n  kafka:\n",
                        ":1: is not of the form key=value; YAML is not read, write" + " spring.kafka.…=value"),
                new Refusal(
                        "bootstrap.servers=\"a:1\"\n",
                        ":1: bootstrap.servers: '\"a:1\"' is not of the form host:port;" + " write it without quotes"),
                new Refusal(
                        "bootstrap.servers=http://a:1\n",
                        ":1: bootstrap.servers: 'http://a:1' is not of the form host:port; remove http://"),
                new Refusal(
                        "bootstrap.servers=a:99999\n",
                        ":1: bootstrap.servers: 'a:99999' has no valid port; ports go up to 65535"),
                new Refusal(
                        "bootstrap.servers=SSL://a:1\nsecurity.protocol=SASL_SSL\n",
                        ":1: bootstrap.servers: says"
                                + " SSL://, but security.protocol at FILE:2 is SASL_SSL; keep one of them"),
                new Refusal(
                        "bootstrap.servers=a\\:1\nssl.truststore.location=C\\:\\\\certs\\\\none.jks\n",
                        ":2: ssl.truststore.location: 'C:\\certs\\none.jks' is not a readable file"),
                new Refusal(
                        "bootstrap.servers=a:1\nssl.truststore.location=C:\\certs\\none.jks\n",
                        ":2: ssl.truststore.location: 'C:\\certs\\none.jks' is not a readable file"),
                new Refusal(
                        "bootstrap.servers=a:1\nssl.trust-store-location=classpath:kafka.jks\n",
                        ":2: ssl.trust-store-location: names a file inside a program; name a file on the disk"),
                new Refusal(
                        "bootstrap.servers=a:1\nsasl.oauthbearer.method=oidc\n",
                        ":2: sasl.oauthbearer.method: needs sasl.oauthbearer.token.endpoint.url, which is missing"),
                new Refusal(
                        "bootstrap.servers=a:1\nsasl.oauthbearer.method=other\n",
                        ":2: sasl.oauthbearer.method: is neither default nor oidc"),
                new Refusal(
                        "bootstrap.servers=a:1\nssl.cipher.suites=ECDHE-RSA-AES256-GCM-SHA384:AES\n",
                        ":2: ssl.cipher.suites: Java has no cipher suite 'ECDHE-RSA-AES256-GCM-SHA384:AES'; remove the"
                                + " setting, or write names such as TLS_AES_256_GCM_SHA384, separated by commas"),
                new Refusal(
                        "bootstrap.servers=a:1\nsasl.kerberos.keytab=x\n",
                        ":2: sasl.kerberos.keytab: needs sasl.kerberos.principal, which is missing"),
                new Refusal(
                        "bootstrap.servers=a:1\nssl.key.pem=-----BEGIN RSA PRIVATE KEY-----\\nhunter2\n",
                        ":2: ssl.key.pem: the Java client reads keys in PKCS #8 form only; convert it with: openssl pkcs8"
                                + " -topk8 -in KEY -out key.pk8"));
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void whatCannotWorkIsRefusedWithFileLineAndSetting(Refusal refusal) {
        String file = folder.resolve("kafka.config").toString();

        assertThatThrownBy(() -> load(refusal.file()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(file + refusal.message().replace("FILE", file))
                .hasMessageNotContaining("hunter2");
    }

    @Test
    void settingsThatJavaDoesNotHaveAreNamedWithWhatToDo() throws IOException {
        assertThat(load("""
                        bootstrap.servers=a:1
                        enable.ssl.certificate.verification=false
                        broker.address.family=v4
                        schema.registry.url=https://registry
                        """).warnings())
                .containsExactly(
                        at(2) + "enable.ssl.certificate.verification is ignored, because the Java client has no such"
                                + " setting: Java always checks the broker's certificate; name the authority that signed"
                                + " it in ssl.ca.location.",
                        at(3) + "broker.address.family is ignored, because the Java client has no such setting: start"
                                + " Java with JDK_JAVA_OPTIONS=-Djava.net.preferIPv4Stack=true.",
                        at(4) + "schema.registry.url is ignored: the Java client has no such setting.");
    }

    @Test
    void settingsOfOneKindOfClientMayHaveThatPrefix() throws IOException {
        KafkaSettings settings = load("""
                spring.kafka.bootstrap-servers=a:1
                spring.kafka.consumer.properties.client.rack=r
                spring.kafka.producer.compression-type=lz4
                consumer.fetch.min.bytes=7
                """);

        assertThat(settings.common()).containsOnlyKeys("bootstrap.servers");
        assertThat(settings.consumer()).containsEntry("client.rack", "r").containsEntry("fetch.min.bytes", "7");
        assertThat(settings.producer()).containsEntry("compression.type", "lz4").doesNotContainKey("client.rack");
    }

    @Test
    void aLongValueWithBackslashesIsRead() throws IOException {
        String token = "a".repeat(1_000_000);

        assertThat(load("bootstrap.servers=a\\:1\nclient.id=\\\\" + token + "\n")
                        .common())
                .containsEntry("client.id", "\\" + token);
    }

    @Test
    void aFileInUtf16IsRead() throws IOException {
        Path file = folder.resolve("kafka.config");
        Files.write(file, "\uFEFFbootstrap.servers=a:1\r\n".getBytes(StandardCharsets.UTF_16LE));

        assertThat(KafkaSettings.load(file, null, null).bootstrapServers()).isEqualTo("a:1");
    }

    @Test
    void aFileThatIsNotTextIsRefused() throws IOException {
        Path file = Files.write(folder.resolve("kafka.config"), new byte[] {(byte) 0xFE, (byte) 0xED, 0, 0, 0, 2});

        assertThatThrownBy(() -> KafkaSettings.load(file, null, null)).hasMessageStartingWith(file + ": ");
    }

    /** A part of a secret that stands on a line of its own looks like a key. */
    @Test
    void aLineThatMayBeAPartOfASecretIsNotPrinted() throws IOException {
        String file = """
                bootstrap.servers=a:1
                Hunter2=
                """;

        assertThat(load(file).warnings())
                .containsExactly(at(2) + "a setting is ignored: the Java client has no such setting.");
    }

    private String at(int line) {
        return folder.resolve("kafka.config") + ":" + line + ": ";
    }

    private KafkaSettings load(String text) throws IOException {
        Path pem = folder.resolve("any.pem");
        Files.writeString(pem, "-----BEGIN CERTIFICATE-----");
        Path file = folder.resolve("kafka.config");
        Files.writeString(file, text.replace("FOLDER", folder.toString()));
        return KafkaSettings.load(file, null, null);
    }
}
