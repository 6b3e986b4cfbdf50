package io.tidemark.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.tidemark.job.form.InvalidJobException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A validator of JSON Schemas accepts the jobs that {@link JobCodec} accepts, and refuses what editors should mark. */
class JobSchemaTest {
    private static final Schema SCHEMA =
            SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_7).getSchema(JobSchema.json());
    private static final YAMLMapper YAML = new YAMLMapper();
    private static final Pattern EXAMPLE = Pattern.compile("(?ms)^```yaml\\n(.*?)^```$");

    /** The jobs that come with the project, and those in the reference. */
    static List<JsonNode> jobs() throws IOException {
        List<JsonNode> jobs = new ArrayList<>();
        try (Stream<Path> files = Files.list(Path.of("../jobs"))) {
            for (Path each : files.filter(Files::isRegularFile).toList()) {
                jobs.add(YAML.readTree(Files.readString(each)));
            }
        }
        int shipped = jobs.size();
        assertThat(shipped).isPositive();
        Matcher examples = EXAMPLE.matcher(Files.readString(Path.of("../docs/reference/job-file.md")));
        while (examples.find()) {
            jobs.add(YAML.readTree(examples.group(1)));
        }
        assertThat(jobs).hasSizeGreaterThan(shipped);
        return jobs;
    }

    @ParameterizedTest
    @MethodSource("jobs")
    void theSchemaAcceptsEveryJobOfTheProject(JsonNode job) {
        assertThat(errors(job)).isEmpty();
        JobCodec.read(job);
    }

    @Property
    void theSchemaAcceptsWhatIsWritten(@ForAll("randomJobs") JobSpec job) {
        assertThat(errors(JobCodec.write(job))).isEmpty();
    }

    @Provide
    Arbitrary<JobSpec> randomJobs() {
        return TestJobs.any();
    }

    @Test
    void theSchemaAcceptsWhatVersion01Wrote() throws IOException {
        try (var file = JobSchemaTest.class.getResourceAsStream("/golden/jobs-0.1.json")) {
            for (JsonNode each : new ObjectMapper().readTree(file)) {
                assertThat(errors(each.path("payload")))
                        .as(each.path("about").textValue())
                        .isEmpty();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/input",
                "/input/timestamp",
                "/window",
                "/output",
                "/badRecords",
                "/limits",
                "/budget",
                "/start"
            })
    void schemaAndReaderRefuseAnUnknownField(String object) {
        ObjectNode job = TestJobs.with("/start", "{ group: 'g' }");
        (object.isEmpty() ? job : job.withObject(object)).put("nonsense", 1);

        assertThat(errors(job)).isNotEmpty();
        assertThatThrownBy(() -> JobCodec.read(job)).isInstanceOf(InvalidJobException.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "/name | 'Voltage'",
                "/input/topic | 'a b'",
                "/input/topic | '..'",
                "/input/dataLoss | 'ignore'",
                "/input/timestamp | { field: 't', format: 'unix' }",
                "/input/timestamp | { field: 't', format: 'epochMillis', zone: 'UTC' }",
                "/window | 'fortnight'",
                "/window | { every: '15m', zone: 'UTC' }",
                "/groupBy | ['a[']",
                "/aggregate | {}",
                "/aggregate/voltage | { median: 'v' }",
                "/aggregate/voltage | 'mean'",
                "/start | 'yesterday'",
                "/partitionsPerSlice | 0",
                "/limits/slicesInFlight | 51",
                "/limits/time | '1 hour'",
                "/budget/records | '1000'",
            })
    void schemaAndReaderRefuseTheSameValues(String pointer, String value) {
        ObjectNode job = TestJobs.with(pointer, value);

        assertThat(errors(job)).isNotEmpty();
        assertThatThrownBy(() -> JobCodec.read(job)).isInstanceOf(InvalidJobException.class);
    }

    @Test
    void everyFieldHasADescription() {
        List<String> without = new ArrayList<>();
        collect("", JobSchema.json(), without);

        assertThat(without).isEmpty();
    }

    private static void collect(String path, JsonNode schema, List<String> without) {
        schema.path("properties").properties().forEach(each -> {
            String child = path + "/" + each.getKey();
            // The functions of an aggregate are no fields.
            if (!each.getValue().hasNonNull("description") && !path.startsWith("/aggregate")) {
                without.add(child);
            }
            collect(child, each.getValue(), without);
        });
        schema.path("oneOf").forEach(each -> collect(path, each, without));
    }

    private static List<Error> errors(JsonNode job) {
        return SCHEMA.validate(job);
    }
}
