package io.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tidemark.cli.ValidateCommand.Permission;
import io.tidemark.embedded.EmbeddedKafka;
import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
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
import org.junit.jupiter.params.provider.MethodSource;

/** {@code doctor} on a broker with logins and ACLs: it names each permission that a job lacks, and the command that grants it. */
@Timeout(60)
class SecuredDoctorIT {
    private static final String JOB = """
            name: guarded
            input:
              topic: guarded-in
              timestamp: { field: datetime, pattern: "dd/MM/yyyy HH:mm:ss", zone: UTC }
            window: { every: day, zone: UTC }
            scope: topic
            aggregate: { voltage: { mean: voltage } }
            badRecords: deadLetter
            start: { group: guarded-before }
            output: { topic: guarded-out, key: "{date}", partitions: 1 }
            """;

    @TempDir
    static Path folder;

    private static EmbeddedKafka kafka;
    private static Admin admin;

    /** An operation on a resource. */
    record Right(Permission permission, String operation) {
        private AclBinding binding() {
            String name = permission.name().replace(" (prefix)", "");
            ResourceType type = ResourceType.fromString(
                    permission.resource().replace(' ', '_').toUpperCase(Locale.ROOT));
            PatternType pattern = name.equals(permission.name()) ? PatternType.LITERAL : PatternType.PREFIXED;
            AclOperation permitted = AclOperation.fromString(
                    operation.replaceAll("(?<=[a-z])(?=[A-Z])", "_").toUpperCase(Locale.ROOT));
            return new AclBinding(
                    new ResourcePattern(type, name, pattern),
                    new AccessControlEntry("User:worker", "*", permitted, AclPermissionType.ALLOW));
        }

        /** {@code SecuredBrokerIT} takes away each of these, and the run is refused. */
        private boolean isNeeded() {
            return !permission.optional()
                    && !List.of("DescribeConfigs", "Alter").contains(operation);
        }

        /** The arguments of kafka-acls.sh. Between them can be other operations. */
        private List<String> arguments() {
            return List.of(
                    "--operation " + operation,
                    " --" + permission.resource().replace(' ', '-') + " "
                            + permission.name().replace(" (prefix)", ""));
        }

        @Override
        public String toString() {
            return operation + " on " + permission.resource() + " " + permission.name();
        }
    }

    @BeforeAll
    static void start() throws Exception {
        kafka = EmbeddedKafka.builder()
                .secureListener("PASSWORD", SecurityProtocol.SASL_PLAINTEXT)
                .user("worker", "secret")
                .authorizer()
                .start();
        admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()));
        Files.writeString(folder.resolve("guarded.yaml"), JOB);
        Files.writeString(folder.resolve("worker.config"), """
                bootstrap.servers=%s
                security.protocol=SASL_PLAINTEXT
                sasl.mechanism=PLAIN
                sasl.username=worker
                sasl.password=secret
                """.formatted(kafka.bootstrapServers("PASSWORD")));
        // As after a first run.
        Set<String> topics = new HashSet<>();
        Set<String> groups = new HashSet<>();
        for (Permission each : ValidateCommand.permissions(job())) {
            switch (each.resource()) {
                case "topic" -> topics.add(each.name());
                case "group" -> groups.add(each.name());
                default -> assertThat(each.name()).startsWith(JobNames.transactionalIdPrefix(job()));
            }
        }
        admin.createTopics(topics.stream()
                        .map(each -> new NewTopic(each, 1, (short) 1))
                        .toList())
                .all()
                .get();
        for (String each : groups) {
            admin.alterConsumerGroupOffsets(each, Map.of(new TopicPartition("guarded-in", 0), new OffsetAndMetadata(0)))
                    .all()
                    .get();
        }
    }

    @AfterAll
    static void stop() {
        admin.close();
        kafka.close();
    }

    private static JobSpec job() {
        return JobFile.read(folder.resolve("guarded.yaml"), List.of()).job();
    }

    /** All but Create, which a job does not need when its topics exist. */
    static Stream<Right> rights() throws IOException {
        Files.writeString(folder.resolve("guarded.yaml"), JOB);
        return ValidateCommand.permissions(job()).stream()
                .flatMap(each -> Stream.of(each.operations().split(", ")).map(operation -> new Right(each, operation)))
                .filter(each -> !each.operation().equals("Create"));
    }

    @ParameterizedTest
    @MethodSource("rights")
    void namesThePermissionThatIsMissing(Right missing) throws Exception {
        allow(rights().filter(each -> !each.equals(missing)).toList());

        JsonNode found = complaints();

        assertThat(found).as("%s", found).singleElement().satisfies(complaint -> {
            assertThat(complaint.path("level").textValue()).isEqualTo(missing.isNeeded() ? "failed" : "warning");
            assertThat(complaint.path("finding").textValue())
                    .contains(missing.permission().name(), missing.operation() + " is not permitted");
            assertThat(complaint.path("advice").textValue())
                    .contains("kafka-acls.sh --add")
                    .contains(missing.arguments());
        });
    }

    @Test
    void isContentWithAllPermissions() throws Exception {
        allow(rights().toList());

        assertThat(complaints()).isEmpty();
    }

    @Test
    void namesEveryResourceOfAUserWithoutPermissions() throws Exception {
        allow(List.of());

        List<String> findings = complaints().findValuesAsText("finding");

        rights().map(each -> each.permission().name())
                .distinct()
                .forEach(name -> assertThat(findings)
                        .filteredOn(each -> each.contains(name))
                        .as("%s in %s", name, findings)
                        .isNotEmpty());
    }

    /** Returns the findings about the job that are not ok. */
    private static JsonNode complaints() throws Exception {
        Cli doctor = Cli.run(
                "doctor",
                folder.resolve("guarded.yaml").toString(),
                "--json",
                // The form is wrong, so that nothing waits for a Temporal server.
                "--address=http://127.0.0.1:7233",
                "--kafka-config=" + folder.resolve("worker.config"));
        ObjectMapper mapper = new ObjectMapper();
        var complaints = mapper.createArrayNode();
        mapper.readTree(doctor.out()).path("checks").forEach(each -> {
            if (each.path("check").textValue().equals("guarded")
                    && !each.path("level").textValue().equals("ok")) {
                complaints.add(each);
            }
            // The brokers and a coordinator answer, whatever is permitted.
            if (List.of("Kafka", "transactions").contains(each.path("check").textValue())) {
                assertThat(each.path("level").textValue()).as("%s", each).isEqualTo("ok");
            }
        });
        return complaints;
    }

    private static void allow(List<Right> rights) throws Exception {
        Set<AclBinding> wanted = new HashSet<>();
        rights.forEach(each -> wanted.add(each.binding()));
        admin.deleteAcls(List.of(AclBindingFilter.ANY)).all().get();
        admin.createAcls(new ArrayList<>(wanted)).all().get();
        // The controller has them; the broker gets them a moment later.
        Set<AclBinding> seen;
        do {
            seen = Set.copyOf(admin.describeAcls(AclBindingFilter.ANY).values().get());
        } while (!seen.equals(wanted));
    }
}
