package io.tidemark.project;

import static io.tidemark.project.DocumentationTest.FENCE;
import static io.tidemark.project.DocumentationTest.ROOT;
import static io.tidemark.project.DocumentationTest.found;
import static io.tidemark.project.DocumentationTest.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.temporal.worker.MetricsType;
import io.tidemark.embedded.EmbeddedKafka;
import io.tidemark.embedded.Ports;
import io.tidemark.embedded.TemporalServer;
import java.lang.reflect.Field;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs the commands of docs/tutorial.md in their order, as they stand there, and compares what they print. Only the
 * servers' addresses are replaced. On the way it compares what the reference pages say of a worker's metrics and of dead
 * letters with what this worker serves and wrote.
 */
@Timeout(240)
class TutorialIT {
    private static final Path PAGE = ROOT.resolve("docs/tutorial.md");
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final Pattern STEP = Pattern.compile("(?ms)^## (\\d+)\\. [^\\n]+\\n(.*?)(?=^## |\\z)");
    private static final Pattern METRIC = Pattern.compile("(?m)^\\| `([a-z0-9_]+)` \\|");
    private static final Pattern SERVED = Pattern.compile("(?m)^# TYPE (\\S+) ");
    private static final Pattern HEADER = Pattern.compile("(?m)^\\| `(tidemark\\.\\w+)` \\|");

    /** What differs from run to run: what the page calls so, durations, and the times of schedules and workflows. */
    private static final Pattern VARIES = Pattern.compile(
            "\\.\\.\\.|\\d+\\.\\d s|\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d (?:UTC|\\+\\d\\d:\\d\\d)");

    private static EmbeddedKafka kafka;
    private static TemporalServer temporal;

    @TempDir
    Path folder;

    private final int healthPort = Ports.free();

    @BeforeAll
    static void startTheReadersServers() {
        CompletableFuture<EmbeddedKafka> starting = CompletableFuture.supplyAsync(EmbeddedKafka::startDefault);
        temporal = TemporalServer.forTests();
        kafka = starting.join();
    }

    @AfterAll
    static void stop() {
        kafka.close();
        temporal.close();
    }

    @Test
    void everyStepPrintsWhatThePageShows() throws Exception {
        List<MatchResult> steps = found(STEP, read(PAGE));
        assertThat(steps.stream().map(each -> each.group(1)))
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(1, 10).mapToObj(Integer::toString).toList());

        try (KafkaTools tools = new KafkaTools();
                TutorialShell first = new TutorialShell(folder, tools);
                TutorialShell second = new TutorialShell(folder, tools)) {
            for (MatchResult step : steps.subList(0, 9)) {
                follow(step.group(2), first, second);
            }
            checkDeadLetters();
            checkMetrics();
            second.interrupt();
            follow(steps.get(9).group(2), first, second);
        }

        assertThat(folder).as("what is left").isDirectoryNotContaining("regex:.*(yaml|config)");
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            assertThat(admin.listTopics().names().get())
                    .as("topics that are left")
                    .isEmpty();
        }
    }

    /** Runs what is marked as shell in a step; a block of plain text shows what the block before it prints. */
    private void follow(String step, TutorialShell first, TutorialShell second) {
        List<MatchResult> blocks = found(FENCE, step);
        for (int i = 0; i < blocks.size(); i++) {
            if (!blocks.get(i).group(1).equals("sh")) {
                continue;
            }
            String commands = here(blocks.get(i).group(2));
            String shown = i + 1 < blocks.size() && blocks.get(i + 1).group(1).equals("text")
                    ? here(blocks.get(i + 1).group(2)).strip()
                    : "";
            if (commands.startsWith("./tidemark worker")) {
                second.start(commands);
                await().atMost(PATIENCE).untilAsserted(() -> check(commands, shown, second.output()));
            } else if (step.contains("Repeat this command") && i == blocks.size() - 2) {
                await().atMost(PATIENCE).untilAsserted(() -> check(commands, shown, first.run(commands)));
            } else {
                check(commands, shown, first.run(commands));
            }
        }
    }

    private static void check(String commands, String shown, String printed) {
        assertThat(like(shown, printed.strip()))
                .as("%n%s%nshown on the page:%n%s%nprinted:%n%s", commands, shown, printed)
                .isTrue();
    }

    /** Whether a text is what the page shows; a line of three dots is any number of lines. */
    private static boolean like(String shown, String printed) {
        StringBuilder form = new StringBuilder();
        for (String line : (shown + "\n").split("\n", -1)) {
            if (line.equals("...")) {
                form.append("(?s:.*\n)?");
                continue;
            }
            int end = 0;
            for (MatchResult each : found(VARIES, line)) {
                form.append(Pattern.quote(line.substring(end, each.start())));
                form.append(
                        each.group().equals("...")
                                ? ".*"
                                : each.group().endsWith(" s") ? "[\\d.]+ s" : "[-\\d]+ [:\\d]+ (UTC|\\+\\d\\d:\\d\\d)");
                end = each.end();
            }
            form.append(Pattern.quote(line.substring(end))).append("\n");
        }
        return Pattern.matches(form.toString(), printed.strip() + "\n\n");
    }

    private String here(String text) {
        return text.replace("localhost:9092", kafka.bootstrapServers())
                .replace("localhost:7233", temporal.target())
                .replace("8080", Integer.toString(healthPort));
    }

    private void checkDeadLetters() {
        String topic = "orders-by-country.dead-letter";
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers(), "isolation.level", "read_committed"),
                new StringDeserializer(),
                new StringDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(each -> new TopicPartition(topic, each.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            List<ConsumerRecord<String, String>> letters = new ArrayList<>();
            await().atMost(PATIENCE)
                    .until(
                            () -> {
                                consumer.poll(Duration.ofMillis(100)).forEach(letters::add);
                                return letters;
                            },
                            each -> !each.isEmpty());

            assertThat(StreamSupport.stream(letters.get(0).headers().spliterator(), false)
                            .map(Header::key))
                    .containsExactlyInAnyOrderElementsOf(names(
                            HEADER,
                            read(ROOT.resolve("docs/reference/output.md")).split("\n## Dead letters\n")[1]));
        }
    }

    /** The SDK's metrics show at its next report. */
    private void checkMetrics() throws Exception {
        String page = read(ROOT.resolve("docs/reference/metrics.md"));
        int failures = page.indexOf("## After a failure");
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://localhost:" + healthPort + "/metrics"))
                .build();
        Set<String> served = await().atMost(PATIENCE)
                .until(
                        () -> names(
                                SERVED,
                                HttpClient.newHttpClient()
                                        .send(request, HttpResponse.BodyHandlers.ofString())
                                        .body()),
                        each -> each.contains("temporal_workflow_completed_total"));

        assertThat(served).containsAll(names(METRIC, page.substring(0, failures)));
        assertThat(names(METRIC, page))
                .containsAll(served.stream()
                        .filter(each -> !each.startsWith("temporal_") && !each.endsWith("_max"))
                        .filter(each -> !each.equals("jvm_gc_pause_seconds"))
                        .toList());
        // MetricsIT makes the failures that the others count.
        assertThat(ofTheSdk())
                .containsAll(names(METRIC, page.substring(failures)).stream()
                        .filter(each -> each.startsWith("temporal_"))
                        .toList());
    }

    private static Set<String> ofTheSdk() throws IllegalAccessException {
        Set<String> names = new TreeSet<>();
        for (Class<?> types : List.of(MetricsType.class, io.temporal.serviceclient.MetricsType.class)) {
            for (Field each : types.getFields()) {
                names.add(each.get(null) + "_total");
            }
        }
        return names;
    }

    private static Set<String> names(Pattern pattern, String text) {
        return found(pattern, text).stream().map(each -> each.group(1)).collect(Collectors.toCollection(TreeSet::new));
    }
}
