package io.tidemark.worker;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.codeUnits;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import io.tidemark.job.StartSpec;
import io.tidemark.job.TimestampSpec;
import io.tidemark.job.WindowSpec;
import org.junit.jupiter.api.Test;

/** Who may know whom. */
@AnalyzeClasses(
        packages = "io.tidemark",
        importOptions = {ImportOption.DoNotIncludeTests.class, ArchitectureTest.DoNotIncludeTestkit.class})
class ArchitectureTest {
    private static final String[] WORKFLOWS = {
        "io.tidemark.job..", "io.tidemark.run", "io.tidemark.workflow", "io.tidemark.settings"
    };
    private static final String[] ACTIVITIES = {
        "io.tidemark.activity",
        "io.tidemark.pipeline",
        "io.tidemark.kafka",
        "io.tidemark.fold",
        "io.tidemark.json",
        "io.tidemark.window",
        "io.tidemark.aggregate",
        "io.tidemark.row",
        "io.tidemark.stage",
        "io.tidemark.state"
    };
    private static final String[] PLAIN = {
        "io.tidemark.json",
        "io.tidemark.window",
        "io.tidemark.aggregate",
        "io.tidemark.fold",
        "io.tidemark.row",
        "io.tidemark.stage",
        "io.tidemark.state"
    };
    /** The tests of the activities lend it, in a jar of its own. */
    static final class DoNotIncludeTestkit implements ImportOption {
        @Override
        public boolean includes(Location location) {
            return !location.contains("/io/tidemark/testkit/");
        }
    }

    private static final String[] INSIDE_OF_THE_KAFKA_CLIENT = {
        "org.apache.kafka..internals..",
        "org.apache.kafka..internal..",
        "org.apache.kafka.common.compress..",
        "org.apache.kafka.common.memory..",
        "org.apache.kafka.common.message..",
        "org.apache.kafka.common.metrics..",
        "org.apache.kafka.common.network..",
        "org.apache.kafka.common.protocol..",
        "org.apache.kafka.common.record..",
        "org.apache.kafka.common.requests..",
        "org.apache.kafka.common.utils.."
    };

    private static final String[] OURS = {"io.tidemark.."};

    @ArchTest
    static final ArchRule everyPackageHasItsPlace = classes()
            .should()
            .resideInAnyPackage(
                    "io.tidemark.job",
                    "io.tidemark.job.form",
                    "io.tidemark.run",
                    "io.tidemark.workflow",
                    "io.tidemark.settings",
                    "io.tidemark.activity",
                    "io.tidemark.pipeline",
                    "io.tidemark.kafka",
                    "io.tidemark.fold",
                    "io.tidemark.json",
                    "io.tidemark.window",
                    "io.tidemark.aggregate",
                    "io.tidemark.row",
                    "io.tidemark.stage",
                    "io.tidemark.state",
                    "io.tidemark.worker",
                    "io.tidemark.demo..",
                    "io.tidemark.bench..",
                    "io.tidemark.cli..",
                    "io.tidemark.embedded..")
            .because("a new package says here whom it may know, or it may know everybody");

    @ArchTest
    static final ArchRule workflowsKnowNobody = noClasses()
            .that()
            .resideInAnyPackage(WORKFLOWS)
            .should()
            .dependOnClassesThat(resideInAnyPackage(OURS).and(not(resideInAnyPackage(WORKFLOWS))))
            .because("everyone depends on the workflows; what they need from outside is an activity's interface");

    @ArchTest
    static final ArchRule theJobIsPlainJava = noClasses()
            .that()
            .resideInAPackage("io.tidemark.job..")
            .should()
            .dependOnClassesThat(not(resideInAnyPackage(
                    "io.tidemark.job..", "java..", "com.fasterxml.jackson..", "org.jspecify.annotations")))
            .because("the command line, the engine and the workflows share it");

    @ArchTest
    static final ArchRule formsKnowNoJob = noClasses()
            .that()
            .resideInAPackage("io.tidemark.job.form")
            .should()
            .dependOnClassesThat(resideInAnyPackage(OURS).and(not(resideInAnyPackage("io.tidemark.job.form"))))
            .because("a form reads and writes any field; what a job has stands in the table, JobFields");

    /** Chains of instanceof give a new kind the meaning of the last one, without a word from the compiler. */
    @ArchTest
    static final ArchRule everyKindIsMatched = codeUnits()
            .should(new AskNoKind())
            .because("match() has a parameter for each kind, so that a new kind is an error of the compiler");

    /** No {@code instanceof} of a kind of window, timestamp or start. */
    static final class AskNoKind extends ArchCondition<JavaCodeUnit> {
        AskNoKind() {
            super("ask no kind of window, timestamp or start by instanceof");
        }

        @Override
        public void check(JavaCodeUnit method, ConditionEvents events) {
            method.getInstanceofChecks().stream()
                    .filter(each -> each.getRawType().isAssignableTo(WindowSpec.class)
                            || each.getRawType().isAssignableTo(TimestampSpec.class)
                            || each.getRawType().isAssignableTo(StartSpec.class))
                    .forEach(each -> events.add(SimpleConditionEvent.violated(
                            method,
                            method.getFullName() + " asks for "
                                    + each.getRawType().getName())));
        }
    }

    private static boolean asksByInstanceof(WindowSpec window) {
        return window instanceof WindowSpec.None;
    }

    @Test
    void aKindThatIsAskedByInstanceofIsFound() {
        assertThat(asksByInstanceof(new WindowSpec.None())).isTrue();
        JavaClasses thisClass = new ClassFileImporter().importClasses(ArchitectureTest.class);

        assertThat(codeUnits()
                        .should(new AskNoKind())
                        .evaluate(thisClass)
                        .getFailureReport()
                        .getDetails())
                .singleElement()
                .asString()
                .contains("asksByInstanceof", "WindowSpec$None");
    }

    @ArchTest
    static final ArchRule runsKnowNoSettings = noClasses()
            .that()
            .resideInAnyPackage("io.tidemark.job..", "io.tidemark.run", "io.tidemark.workflow")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.tidemark.settings")
            .because("settings hold secrets, and what workflows touch ends up in Temporal's history");

    @ArchTest
    static final ArchRule starterKnowsOnlyWorkflows = noClasses()
            .that()
            .resideInAPackage("io.tidemark.cli..")
            .should()
            .dependOnClassesThat(resideInAnyPackage(OURS)
                    .and(not(resideInAnyPackage(WORKFLOWS)))
                    .and(not(resideInAnyPackage("io.tidemark.cli.."))))
            .allowEmptyShould(true)
            .because("the command line asks for runs, over Temporal; it stays small and starts fast");

    @ArchTest
    static final ArchRule activitiesKnowWorkflowsAndThemselves = noClasses()
            .that()
            .resideInAnyPackage(ACTIVITIES)
            .should()
            .dependOnClassesThat(resideInAnyPackage(OURS)
                    .and(not(resideInAnyPackage(WORKFLOWS)))
                    .and(not(resideInAnyPackage(ACTIVITIES))))
            .because("the worker wires them; they do not know who runs them");

    @ArchTest
    static final ArchRule onlyOnePackageKnowsKafka = noClasses()
            .that(resideInAnyPackage(ACTIVITIES).and(not(resideInAnyPackage("io.tidemark.kafka"))))
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.apache.kafka..")
            .because("what exactly-once needs of a client is set in io.tidemark.kafka alone: put the call there");

    @ArchTest
    static final ArchRule onlyOneReaderKnowsTheInsideOfTheKafkaClient = noClasses()
            .that()
            .haveNameNotMatching("io\\.tidemark\\.kafka\\.(Fetch|RecordWalker|ReceiveBuffers).*")
            .and()
            .resideOutsideOfPackage("io.tidemark.embedded..")
            .should()
            .dependOnClassesThat(resideInAnyPackage(INSIDE_OF_THE_KAFKA_CLIENT)
                    // There is no other way to make a header.
                    .and(not(nameMatching(".*\\.RecordHeader")))
                    .or(resideInAPackage("org.apache.kafka.clients")
                            .and(not(nameMatching(".*\\.CommonClientConfigs")))))
            .because(
                    "it may change with any version; InputReadersIT holds FetchReader to the client's public interface,"
                            + " and nothing holds others");

    @ArchTest
    static final ArchRule onlyOnePackageKnowsTemporal = noClasses()
            .that(resideInAnyPackage(ACTIVITIES).and(not(resideInAnyPackage("io.tidemark.activity"))))
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.temporal..")
            .because("steps are tested without a server: translate in io.tidemark.activity");

    @ArchTest
    static final ArchRule plainCodeIsPlain = noClasses()
            .that()
            .resideInAnyPackage(PLAIN)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.tidemark.activity", "io.tidemark.pipeline", "io.tidemark.kafka")
            .because("arithmetic is tested in milliseconds, without a line about Kafka or Temporal");

    @ArchTest
    static final ArchRule plainCodeHasNoThreadsOfItsOwn = noClasses()
            .that()
            .resideInAnyPackage(PLAIN)
            .should()
            .dependOnClassesThat()
            .resideInAPackage("java.util.concurrent..")
            .because("a step has one thread; who wants more starts more splits");

    @ArchTest
    static final ArchRule kafkaKnowsNoSteps = noClasses()
            .that()
            .resideInAPackage("io.tidemark.kafka")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.tidemark.activity", "io.tidemark.pipeline")
            .because("the steps ask Kafka, not the other way round");

    @ArchTest
    static final ArchRule theWorkerRunsWithoutEmbeddedServers = noClasses()
            .that()
            .resideInAPackage("io.tidemark.worker")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.tidemark.embedded..", "io.tidemark.cli..", "io.tidemark.demo..", "io.tidemark.bench..")
            .because(
                    "they are not in the worker's jar: only demo and bench may use them, by a class path of their own");

    @ArchTest
    static final ArchRule embeddedKnowsNobody = noClasses()
            .that()
            .resideInAPackage("io.tidemark.embedded..")
            .should()
            .dependOnClassesThat(resideInAnyPackage(OURS).and(not(resideInAnyPackage("io.tidemark.embedded.."))))
            .allowEmptyShould(true)
            .because("servers are servers, whoever talks to them");
}
