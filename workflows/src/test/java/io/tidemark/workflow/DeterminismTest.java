package io.tidemark.workflow;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaModifier.FINAL;
import static com.tngtech.archunit.core.domain.JavaModifier.STATIC;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.security.SecureRandom;
import java.util.Random;
import java.util.Set;

/** A workflow is replayed on other machines, possibly much later, and must behave the same there. */
@AnalyzeClasses(packages = "io.tidemark", importOptions = ImportOption.DoNotIncludeTests.class)
class DeterminismTest {
    private static final String[] DETERMINISTIC = {"io.tidemark.workflow", "io.tidemark.job..", "io.tidemark.run"};

    @ArchTest
    static final ArchRule noClock = noClasses()
            .that()
            .resideInAnyPackage(DETERMINISTIC)
            .should()
            .callMethodWhere(describe(
                    "reads a clock",
                    (JavaCall<?> call) -> (call.getTargetOwner().isEquivalentTo(System.class)
                                    && Set.of("currentTimeMillis", "nanoTime").contains(call.getName()))
                            || (call.getTargetOwner().getPackageName().equals("java.time")
                                    && call.getName().equals("now"))))
            .because("a replay must see the time of the first run: use Workflow.currentTimeMillis()");

    @ArchTest
    static final ArchRule noRandom = noClasses()
            .that()
            .resideInAnyPackage(DETERMINISTIC)
            .should()
            .callConstructor(Random.class)
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(SecureRandom.class)
            .orShould()
            .callMethod(Math.class, "random")
            .orShould()
            .callMethod(java.util.UUID.class, "randomUUID")
            .because("a replay must draw the same numbers: use Workflow.newRandom() or Workflow.randomUUID()");

    @ArchTest
    static final ArchRule noThreads = noClasses()
            .that()
            .resideInAnyPackage(DETERMINISTIC)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.util.concurrent..")
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(Thread.class)
            .because("only Temporal schedules a workflow: use Async, Promise and WorkflowSemaphore");

    @ArchTest
    static final ArchRule noInputOrOutput = noClasses()
            .that()
            .resideInAnyPackage(DETERMINISTIC)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.io..", "java.nio.file..", "java.nio.channels..", "java.net..", "java.sql..")
            .because("only activities may do I/O");

    @ArchTest
    static final ArchRule noSharedState = fields().that()
            .areDeclaredInClassesThat()
            .resideInAnyPackage(DETERMINISTIC)
            .and()
            .haveModifier(STATIC)
            .should()
            .haveModifier(FINAL)
            .because("two workflows in one worker must not see each other");

    @ArchTest
    static final ArchRule dependsOnNoOtherPackage = classes()
            .that()
            .resideInAnyPackage(DETERMINISTIC)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "io.tidemark.workflow",
                    "io.tidemark.job..",
                    "io.tidemark.run",
                    "io.tidemark.state",
                    // Interfaces without dependencies, for plugins.
                    "io.tidemark.aggregator",
                    "java..",
                    "io.temporal..",
                    "com.uber.m3..",
                    "com.fasterxml.jackson..",
                    // Regular expressions in a condition: no clock, no threads, and a time that is bounded by the
                    // length.
                    "com.google.re2j..",
                    "org.slf4j..",
                    "org.jspecify..")
            .because("every module depends on the workflows, so they must not depend on other modules");
}
