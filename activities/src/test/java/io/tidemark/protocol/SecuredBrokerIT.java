package io.tidemark.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.embedded.BrokerCertificate;
import io.tidemark.embedded.EmbeddedKafka;
import io.tidemark.job.JobNames;
import io.tidemark.run.FailureKind;
import io.tidemark.run.TidemarkException;
import io.tidemark.testkit.Cluster;
import io.tidemark.testkit.CommittedRecords;
import io.tidemark.testkit.Guarantees;
import io.tidemark.testkit.LifecycleSuite;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.StepwiseRun;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
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
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** Whole jobs, from plan to commit, on a broker with authentication and ACLs. */
@LifecycleSuite
@Timeout(60)
class SecuredBrokerIT {
    private static final String USER = "User:worker";

    @TempDir
    private static Path folder;

    private static BrokerCertificate certificate;
    private static BrokerCertificate clientCertificate;
    private static EmbeddedKafka kafka;
    private static Admin admin;

    @BeforeAll
    static void start() throws Exception {
        certificate = BrokerCertificate.create(Files.createDirectory(folder.resolve("broker")));
        clientCertificate = BrokerCertificate.create(Files.createDirectory(folder.resolve("client")));
        kafka = EmbeddedKafka.builder()
                .certificate(certificate)
                .secureListener("PASSWORD", SecurityProtocol.SASL_PLAINTEXT)
                .secureListener("BOTH", SecurityProtocol.SASL_SSL)
                .secureListener("TOKEN", SecurityProtocol.SASL_SSL)
                .property("listener.name.token.sasl.enabled.mechanisms", "OAUTHBEARER")
                .property(
                        "listener.name.token.oauthbearer.sasl.jaas.config",
                        "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;")
                .secureListener("MUTUAL", SecurityProtocol.SSL)
                .property("listener.name.mutual.ssl.client.auth", "required")
                .property("listener.name.mutual.ssl.truststore.type", "PEM")
                .property(
                        "listener.name.mutual.ssl.truststore.location",
                        clientCertificate.authority().toString())
                .user("worker", "secret")
                .authorizer()
                .start();
        admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()));
        Rig.get(admin.alterUserScramCredentials(List.of(new UserScramCredentialUpsertion(
                        "worker", new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096), "scram-secret")))
                .all());
    }

    @AfterAll
    static void stop() {
        admin.close();
        kafka.close();
    }

    /** Ways to authenticate. */
    enum Way {
        PLAIN("PASSWORD", "SASL_PLAINTEXT"),
        PLAIN_OVER_TLS("BOTH", "SASL_SSL"),
        SCRAM_OVER_TLS("BOTH", "SASL_SSL"),
        TOKEN_OVER_TLS("TOKEN", "SASL_SSL"),
        CERTIFICATE("MUTUAL", "SSL");

        private final String listener;
        private final String protocol;

        Way(String listener, String protocol) {
            this.listener = listener;
            this.protocol = protocol;
        }

        private String user() {
            return this == CERTIFICATE ? "User:CN=localhost" : USER;
        }

        private Map<String, String> settings() {
            Map<String, String> settings = new HashMap<>();
            settings.put("bootstrap.servers", kafka.bootstrapServers(listener));
            settings.put("security.protocol", protocol);
            if (protocol.endsWith("SSL")) {
                settings.put("ssl.ca.location", certificate.authority().toString());
            }
            switch (this) {
                case PLAIN, PLAIN_OVER_TLS -> password(settings, "PLAIN", "secret");
                case SCRAM_OVER_TLS -> password(settings, "SCRAM-SHA-512", "scram-secret");
                case TOKEN_OVER_TLS -> {
                    settings.put("sasl.mechanism", "OAUTHBEARER");
                    settings.put(
                            "sasl.jaas.config",
                            "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required"
                                    + " unsecuredLoginStringClaim_sub=\"worker\";");
                }
                case CERTIFICATE -> {
                    settings.put("ssl.keystore.type", "PKCS12");
                    settings.put(
                            "ssl.keystore.location",
                            clientCertificate.keyStore().toString());
                    settings.put("ssl.keystore.password", clientCertificate.password());
                    settings.put("ssl.key.password", clientCertificate.password());
                }
            }
            return settings;
        }

        private static void password(Map<String, String> settings, String mechanism, String password) {
            settings.put("sasl.mechanism", mechanism);
            settings.put("sasl.username", "worker");
            settings.put("sasl.password", password);
        }
    }

    /** The rights that a job needs, as in README. */
    enum Needed {
        INPUT_READ(ResourceType.TOPIC, Rig::input, AclOperation.READ),
        OUTPUT_WRITE(ResourceType.TOPIC, Rig::output, AclOperation.WRITE),
        OUTPUT_CREATE(ResourceType.TOPIC, Rig::output, AclOperation.CREATE),
        DEAD_LETTERS_WRITE(ResourceType.TOPIC, SecuredBrokerIT::deadLetters, AclOperation.WRITE),
        DEAD_LETTERS_CREATE(ResourceType.TOPIC, SecuredBrokerIT::deadLetters, AclOperation.CREATE),
        STATE_READ(ResourceType.TOPIC, Rig::stateTopic, AclOperation.READ),
        STATE_WRITE(ResourceType.TOPIC, Rig::stateTopic, AclOperation.WRITE),
        STATE_CREATE(ResourceType.TOPIC, Rig::stateTopic, AclOperation.CREATE),
        GROUP_READ(ResourceType.GROUP, Rig::group, AclOperation.READ),
        IDS_WRITE(ResourceType.TRANSACTIONAL_ID, SecuredBrokerIT::idPrefix, AclOperation.WRITE),
        // Only if the input grows:
        OUTPUT_ALTER(ResourceType.TOPIC, Rig::output, AclOperation.ALTER),
        DEAD_LETTERS_ALTER(ResourceType.TOPIC, SecuredBrokerIT::deadLetters, AclOperation.ALTER),
        STATE_ALTER(ResourceType.TOPIC, Rig::stateTopic, AclOperation.ALTER);

        private final ResourceType type;
        private final Function<Rig, String> name;
        private final AclOperation operation;

        Needed(ResourceType type, Function<Rig, String> name, AclOperation operation) {
            this.type = type;
            this.name = name;
            this.operation = operation;
        }

        private AclBinding binding(Rig rig, String user) {
            PatternType pattern = type == ResourceType.TRANSACTIONAL_ID ? PatternType.PREFIXED : PatternType.LITERAL;
            return new AclBinding(
                    new ResourcePattern(type, name.apply(rig), pattern),
                    new AccessControlEntry(user, "*", operation, AclPermissionType.ALLOW));
        }

        /** Returns the arguments for kafka-acls.sh. */
        private String command(Rig rig) {
            String flag = switch (type) {
                case GROUP -> "--group ";
                case TRANSACTIONAL_ID -> "--transactional-id ";
                default -> "--topic ";
            };
            return "--operation " + operation.name().charAt(0)
                    + operation.name().substring(1).toLowerCase(java.util.Locale.ROOT) + " " + flag + name.apply(rig);
        }
    }

    private static final Set<Needed> FIRST_RUN = Arrays.stream(Needed.values())
            .filter(each -> !each.name().endsWith("_ALTER"))
            .collect(Collectors.toSet());
    private static final Set<Needed> LATER_RUNS =
            FIRST_RUN.stream().filter(each -> !each.name().endsWith("_CREATE")).collect(Collectors.toSet());

    private static String deadLetters(Rig rig) {
        return JobNames.deadLetterTopic(rig.output());
    }

    private static String idPrefix(Rig rig) {
        return "tidemark/" + rig.job().name() + "/";
    }

    private static Rig rig(Way way) {
        Rig rig = Rig.with(
                new Cluster(kafka.bootstrapServers(), way.settings()),
                1,
                Map.of(),
                json -> json.withObject("/output").put("grow", true));
        send(rig, 0, 10);
        return rig;
    }

    private static void send(Rig rig, int from, int to) {
        rig.send(0, from, to);
        rig.sendRaw(0, "not JSON".getBytes(StandardCharsets.UTF_8));
        rig.flush();
    }

    /** Grants the user only these rights on the rig's resources. */
    private static void allow(Rig rig, String user, Collection<Needed> needed) {
        List<AclBinding> wanted =
                needed.stream().map(each -> each.binding(rig, user)).toList();
        List<AclBindingFilter> all = Arrays.stream(Needed.values())
                .map(each -> each.binding(rig, user).toFilter())
                .toList();
        Rig.get(admin.deleteAcls(all).all());
        Rig.get(admin.createAcls(wanted).all());
        // The controller has them; the broker gets them a moment later.
        Set<AclBinding> seen;
        do {
            seen = all.stream()
                    .flatMap(each -> Rig.get(admin.describeAcls(each).values()).stream())
                    .collect(Collectors.toSet());
        } while (!seen.equals(Set.copyOf(wanted)));
    }

    private static Set<Needed> without(Set<Needed> all, Needed one) {
        return all.stream().filter(each -> each != one).collect(Collectors.toSet());
    }

    private static void assertRefused(Rig rig, Needed missing) {
        assertThatThrownBy(rig::runAll).isInstanceOfSatisfying(TidemarkException.class, failure -> {
            assertThat(failure.kind()).as("%s", failure).isEqualTo(FailureKind.NOT_AUTHORIZED);
            assertThat(failure.kind().retryable()).isFalse();
            assertThat(failure).hasMessageContainingAll("kafka-acls.sh --add", missing.command(rig));
        });
    }

    private static List<String> topics() {
        return new ArrayList<>(Rig.get(admin.listTopics().names()));
    }

    private static long records(String topic) {
        Properties everything = new Properties();
        everything.put("bootstrap.servers", kafka.bootstrapServers());
        return topics().contains(topic)
                ? CommittedRecords.read(everything, topic).size()
                : 0;
    }

    @ParameterizedTest
    @EnumSource
    void aJobRunsHoweverItsClientsComeToTheBroker(Way way) {
        try (Rig rig = rig(way)) {
            allow(rig, way.user(), FIRST_RUN);

            rig.runAll();
            send(rig, 10, 20);
            allow(rig, way.user(), LATER_RUNS);
            rig.runAll();

            Guarantees.holdAtTheEnd(rig);
            assertThat(records(deadLetters(rig))).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @EnumSource
    void whoBringsTheWrongSecretIsToldAtOnceAndTheSecretIsNot(Way way) throws Exception {
        Map<String, String> settings = way.settings();
        switch (way) {
            case TOKEN_OVER_TLS ->
                settings.computeIfPresent(
                        "sasl.jaas.config",
                        (name, value) -> value.replace(
                                ";", " unsecuredLoginStringClaim_wrong=\"x\" unsecuredLoginLifetimeSeconds=\"-60\";"));
            case CERTIFICATE -> {
                BrokerCertificate stranger = BrokerCertificate.create(Files.createTempDirectory(folder, "stranger"));
                settings.put("ssl.keystore.location", stranger.keyStore().toString());
            }
            default -> settings.put("sasl.password", "wrong-secret");
        }
        try (Rig rig = Rig.with(new Cluster(kafka.bootstrapServers(), settings), 1, Map.of(), json -> {})) {
            assertThatThrownBy(rig::runAll).isInstanceOfSatisfying(TidemarkException.class, failure -> {
                assertThat(failure.kind()).as("%s", failure).isEqualTo(FailureKind.NOT_AUTHENTICATED);
                assertThat(failure.kind().retryable()).isFalse();
                assertThat(failure).hasMessageNotContaining("secret").hasMessageContaining("sasl.*");
            });
        }
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.MATCH_NONE, names = ".*_ALTER")
    void withoutOneRightTheFirstRunIsRefusedWithItsNameAndWritesNothing(Needed missing) {
        try (Rig rig = rig(Way.PLAIN)) {
            allow(rig, USER, without(FIRST_RUN, missing));

            assertRefused(rig, missing);

            assertThat(records(rig.output())).isZero();
            assertThat(records(deadLetters(rig))).isZero();
            assertThat(records(rig.stateTopic())).isZero();
            assertThat(rig.groupOffsets()).isEmpty();

            allow(rig, USER, FIRST_RUN);
            rig.runAll();
            Guarantees.holdAtTheEnd(rig);
        }
    }

    @ParameterizedTest
    @EnumSource(
            mode = Mode.MATCH_NONE,
            names = {".*_ALTER", ".*_CREATE"})
    void withoutOneRightALaterRunIsRefusedAndWritesNothing(Needed missing) {
        try (Rig rig = rig(Way.PLAIN)) {
            allow(rig, USER, FIRST_RUN);
            rig.runAll();
            long rows = records(rig.output());
            Map<Integer, Long> offsets = rig.groupOffsets();
            send(rig, 10, 20);
            allow(rig, USER, without(LATER_RUNS, missing));

            assertRefused(rig, missing);

            assertThat(records(rig.output())).isEqualTo(rows);
            assertThat(rig.groupOffsets()).isEqualTo(offsets);

            allow(rig, USER, LATER_RUNS);
            rig.runAll();
            Guarantees.holdAtTheEnd(rig);
        }
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.MATCH_ALL, names = ".*_ALTER")
    void aRunOverAnInputThatGrewNeedsToAlterItsTopics(Needed missing) {
        Set<Needed> enough = Set.of(Needed.values());
        try (Rig rig = rig(Way.PLAIN)) {
            allow(rig, USER, FIRST_RUN);
            rig.runAll();
            Rig.get(admin.createPartitions(Map.of(rig.input(), NewPartitions.increaseTo(2)))
                    .all());
            rig.send(1, 20, 30);
            allow(rig, USER, without(enough, missing));

            assertRefused(rig, missing);

            assertThat(rig.groupOffsets()).containsOnlyKeys(0);
            allow(rig, USER, enough);
            rig.runAll();
            Guarantees.holdAtTheEnd(rig);
        }
    }

    @Test
    void aRightThatIsTakenAwayDuringARunIsNamedByTheCommit() {
        try (Rig rig = rig(Way.PLAIN)) {
            allow(rig, USER, FIRST_RUN);
            StepwiseRun run = rig.newRun();
            run.slices().forEach(run::chain);
            allow(rig, USER, without(LATER_RUNS, Needed.INPUT_READ));

            assertThatThrownBy(run::commit).isInstanceOfSatisfying(TidemarkException.class, failure -> {
                assertThat(failure.kind()).as("%s", failure).isEqualTo(FailureKind.NOT_AUTHORIZED);
                assertThat(failure).hasMessageContaining(Needed.INPUT_READ.command(rig));
            });
        }
    }

    @Test
    void anotherGroupsOffsetsNeedToBeSeen() {
        try (Rig rig = Rig.with(
                new Cluster(kafka.bootstrapServers(), Way.PLAIN.settings()),
                1,
                Map.of(),
                json -> json.putObject("start").put("group", "somebody-else"))) {
            allow(rig, USER, FIRST_RUN);

            assertThatThrownBy(rig::runAll)
                    .isInstanceOfSatisfying(
                            TidemarkException.class,
                            failure -> assertThat(failure.kind()).isEqualTo(FailureKind.NOT_AUTHORIZED))
                    .hasMessageContaining("--operation Describe --group somebody-else");
        }
    }
}
