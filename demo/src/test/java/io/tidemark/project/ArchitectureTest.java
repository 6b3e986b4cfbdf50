package io.tidemark.project;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Checks which package uses which. The drawing is in docs/architecture.md. */
@AnalyzeClasses(
        packages = "io.tidemark",
        importOptions = {ImportOption.DoNotIncludeTests.class, ArchitectureTest.DoNotIncludeTestkit.class})
class ArchitectureTest {

    /** Each package, and the packages of the project that it may use besides itself. */
    private static final Map<String, Set<String>> MAY_USE = new TreeMap<>();

    private static void room(String name, String... uses) {
        Set<String> all = new TreeSet<>();
        for (String each : uses) {
            all.addAll(List.of(each.split(" ")));
        }
        MAY_USE.put(name, all);
    }

    private static final String ENGINE = "job job.form number json window part aggregate filter fold row csv state";
    private static final String FACTS = "job state run";
    private static final String KAFKA = "kafka.client kafka.cluster kafka.input kafka.transaction kafka.state";

    static {
        room("aggregator");
        // engine
        room("job", "job.form aggregator");
        room("job.form");
        room("number");
        room("json", "job number");
        room("window", "job");
        room("part", "number");
        room("aggregate", "job job.form json number part aggregator");
        room("filter", "job json");
        room("fold", "job json number window part aggregate filter");
        room("row", "job window aggregate part");
        room("csv", "job window part aggregate");
        room("state", "aggregate number part");
        // workflows
        room("settings");
        room("plugin", "aggregate aggregator");
        room("run", "job state");
        room("workflow", FACTS, "job.form");
        room("temporal", "workflow");
        // activities
        room("kafka.client", "run settings");
        room("kafka.cluster", "run kafka.client");
        room("kafka.input", "fold run state row kafka.client kafka.cluster");
        room("kafka.transaction", "run kafka.client kafka.cluster");
        room("kafka.state", FACTS, "kafka.client kafka.cluster kafka.transaction");
        room("stage", "run");
        room("check", FACTS, "kafka.client kafka.cluster kafka.input");
        room("step", "job json window part aggregate fold row csv state run stage check", KAFKA);
        room("plan", FACTS, "window fold check step", KAFKA);
        room("activity", FACTS, "job.form aggregate workflow stage check plan step kafka.client");
        // the programs
        room("notify", "run workflow");
        room("trace");
        room("lineage", "job state run notify");
        room("metrics", "job state run notify activity step stage kafka.client");
        room("exporter", FACTS, "job.form metrics kafka.client kafka.cluster kafka.input kafka.state");
        room(
                "worker",
                "job aggregate fold row run workflow temporal plugin settings activity check step stage kafka.client metrics"
                        + " exporter notify lineage trace");
        room("cli", FACTS, "workflow temporal job.form json window part aggregate fold row plugin settings");
        room("embedded");
        room("demo", "settings worker cli embedded");
        room(
                "bench",
                "job run state check settings worker cli embedded demo plan step stage kafka.client kafka.cluster");
        room("launch", "job run settings check kafka.client step plan worker cli demo bench");
    }

    /** A job that does not use a feature does not pay for it: the path of each record is without it. */
    @ArchTest
    static final ArchRule theHotLoopKnowsNoConditions = noClasses()
            .that()
            .haveNameMatching("io\\.tidemark\\.(fold\\.RecordFolder|json\\..*|aggregate\\..*|window\\..*)")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.tidemark.filter", "com.google.re2j")
            .because("a job without where must run as fast as before: put it into JobFolder");

    /** The same for aggregates that version 0.1 did not have. */
    @ArchTest
    static final ArchRule theHotLoopKnowsNoAccumulators = noClasses()
            .that()
            .haveNameMatching("io\\.tidemark\\.(fold\\.RecordFolder|json\\..*|window\\..*)")
            .should()
            .dependOnClassesThat()
            .haveNameMatching("io\\.tidemark\\.(part\\..*|aggregate\\.(Accumulator.*|Inputs|Operand.*))")
            .because("a job of plain aggregates must run as fast as before: put it into JobFolder");

    /** A record is folded into one pane, however many windows contain it. */
    @ArchTest
    static final ArchRule theHotLoopKnowsNoWindowsThatOverlap = noClasses()
            .that()
            .haveNameMatching("io\\.tidemark\\.(fold|json|aggregate|csv|state)\\..*")
            .should()
            .dependOnClassesThat()
            .haveNameMatching("io\\.tidemark\\.(window\\.RowWindows|row\\.WindowTotals)")
            .because("panes are merged when rows are made: in produce and in try");

    private static final String[] PLAIN = packages(ENGINE);

    /** Test packages that engine and activities provide to other modules as jars. */
    static final class DoNotIncludeTestkit implements ImportOption {
        @Override
        public boolean includes(Location location) {
            return !location.contains("/io/tidemark/testkit/");
        }
    }

    private static String[] packages(String names) {
        return Stream.of(names.split(" ")).map(ArchitectureTest::full).toArray(String[]::new);
    }

    private static String full(String name) {
        return "io.tidemark." + name;
    }

    @ArchTest
    static void everyPackageUsesOnlyWhatItMay(JavaClasses all) {
        MAY_USE.forEach((name, uses) -> {
            String[] forbidden = MAY_USE.keySet().stream()
                    .filter(each -> !each.equals(name) && !uses.contains(each))
                    .map(ArchitectureTest::full)
                    .toArray(String[]::new);
            noClasses()
                    .that()
                    .resideInAPackage(full(name))
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(forbidden)
                    .because("the list in ArchitectureTest says what io.tidemark." + name + " may use: " + uses)
                    .check(all);
        });
    }

    @ArchTest
    static final ArchRule everyPackageIsInTheList = classes()
            .should()
            .resideInAnyPackage(
                    MAY_USE.keySet().stream().map(ArchitectureTest::full).toArray(String[]::new))
            .because("a new package is added to the list in ArchitectureTest with the packages that it may use");

    @ArchTest
    static final ArchRule packagesHaveNoCycles =
            slices().matching("io.tidemark.(**)").should().beFreeOfCycles();

    /** An entry of the list that no code needs would permit a new dependency. */
    @ArchTest
    static void everyArrowOfTheListIsUsed(JavaClasses all) {
        Map<String, Set<String>> unused = new TreeMap<>();
        MAY_USE.forEach((name, uses) -> {
            Set<String> used = new TreeSet<>();
            for (JavaClass each : all) {
                if (each.getPackageName().equals(full(name))) {
                    each.getDirectDependenciesFromSelf()
                            .forEach(to -> used.add(to.getTargetClass().getPackageName()));
                }
            }
            Set<String> rest = new TreeSet<>(uses);
            rest.removeIf(each -> used.contains(full(each)));
            if (!rest.isEmpty()) {
                unused.put(name, rest);
            }
        });
        assertThat(unused).isEmpty();
    }

    @ArchTest
    static final ArchRule onlyKafkaPackagesUseKafka = noClasses()
            .that()
            .resideInAnyPackage(
                    packages("activity check plan step stage run workflow worker exporter metrics " + ENGINE))
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.apache.kafka..")
            .because("what exactly-once needs of a client is set in io.tidemark.kafka: put the call there");

    @ArchTest
    static final ArchRule onlyTheFetchReaderUsesTheInsideOfTheKafkaClient = noClasses()
            .that()
            .haveNameNotMatching(
                    "io\\.tidemark\\.kafka\\.input\\.(Fetch|RecordWalker|OldFormatWalker|AbortedBatches|ReceiveBuffers).*")
            .and()
            .haveNameNotMatching("io\\.tidemark\\.settings\\.ClusterProbe.*")
            .and()
            .resideOutsideOfPackage("io.tidemark.embedded..")
            .should()
            .dependOnClassesThat(resideInAnyPackage(
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
                            "org.apache.kafka.common.utils..")
                    // There is no other way to make a header.
                    .and(DescribedPredicate.not(nameMatching(".*\\.RecordHeader")))
                    .or(resideInAPackage("org.apache.kafka.clients")
                            .and(DescribedPredicate.not(nameMatching(".*\\.CommonClientConfigs")))))
            .because("it may change with any version; InputReadersIT compares FetchReader with the client's public"
                    + " interface, and nothing compares others");

    @ArchTest
    static final ArchRule onlyActivityTranslatesForTemporal = noClasses()
            .that()
            .resideInAnyPackage(packages("check plan step stage run settings " + KAFKA + " " + ENGINE))
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.temporal..")
            .because("steps are tested without a server: translate in io.tidemark.activity");

    @ArchTest
    static final ArchRule onlyMetricsUsesMicrometer = noClasses()
            .that()
            .resideOutsideOfPackage("io.tidemark.metrics")
            .and()
            .haveNameNotMatching("io\\.tidemark\\.worker\\.WorkerLifecycle")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.micrometer..")
            .because(
                    "steps and clients tell StepObserver and KafkaObserver what they did; the lifecycle hands the registry"
                            + " to the Temporal SDK");

    @ArchTest
    static final ArchRule theEngineIsPlainJava = noClasses()
            .that()
            .resideInAnyPackage(PLAIN)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.util.concurrent..", "java.nio.file..", "java.net..", "org.slf4j..")
            .because("the engine computes from what it is given: no threads, files, network or logs");

    /** {@link LocaleTest} forbids the default locale in all modules. */
    @ArchTest
    static final ArchRule theEngineHasNoClockAndNoDefaults = noClasses()
            .that()
            .resideInAnyPackage(PLAIN)
            .should()
            .callMethodWhere(
                    new DescribedPredicate<JavaMethodCall>("read a clock, a default zone or a locale's weeks") {
                        @Override
                        public boolean test(JavaMethodCall call) {
                            String name = call.getName();
                            return switch (call.getTargetOwner().getName()) {
                                case "java.lang.System" -> name.equals("currentTimeMillis") || name.equals("nanoTime");
                                case "java.time.Instant",
                                        "java.time.LocalDate",
                                        "java.time.LocalDateTime",
                                        "java.time.ZonedDateTime",
                                        "java.time.OffsetDateTime" -> name.equals("now");
                                case "java.time.ZoneId" -> name.equals("systemDefault");
                                case "java.util.TimeZone" -> name.equals("getDefault");
                                case "java.time.temporal.WeekFields" ->
                                    name.equals("of")
                                            && call.getTarget().getRawParameterTypes().stream()
                                                    .anyMatch(each ->
                                                            each.getName().equals("java.util.Locale"));
                                default -> false;
                            };
                        }
                    })
            .because("two workers with other locales, zones or clocks must write the same bytes");
}
