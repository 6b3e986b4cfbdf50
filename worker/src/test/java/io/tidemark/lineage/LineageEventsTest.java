package io.tidemark.lineage;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.tidemark.job.JobCodec;
import io.tidemark.job.JobSpec;
import io.tidemark.lineage.LineageEvents.Event;
import io.tidemark.run.RunSummary;
import io.tidemark.run.RunSummary.State;
import io.tidemark.state.RecordCounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Checks events against the schemas that OpenLineage publishes: of the event, and of each facet in it. */
class LineageEventsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String RUN = "0199a5e4-7d9b-7cc1-b2a4-3f3c5a6d7e8f";
    private static final Path SCHEMAS = Path.of("src/test/resources/schemas/openlineage");
    private static final SchemaRegistry REGISTRY = registry();

    private final LineageEvents events = new LineageEvents("1.2.3", "broker-1:9092,broker-2:9092");

    @ParameterizedTest
    @EnumSource
    void everyEventAndItsFacetsAreAsPublished(Event.Type type) throws IOException {
        JsonNode event = JSON.readTree(events.write(
                event(type),
                job(),
                type == Event.Type.START ? null : summary(),
                type == Event.Type.FAIL ? "it broke" : null));

        assertThat(errors("https://openlineage.io/spec/2-0-2/OpenLineage.json", event))
                .isEmpty();
        int facets = 0;
        for (JsonNode each : event.findParents("_schemaURL")) {
            String url = each.path("_schemaURL").asText();
            assertThat(errors(url, each)).as(url).isEmpty();
            facets++;
        }
        assertThat(facets).isGreaterThanOrEqualTo(6);
        assertThat(event.path("eventType").asText()).isEqualTo(type.name());
        assertThat(event.path("run").path("runId").asText()).isEqualTo(RUN);
        assertThat(event.path("inputs").path(0).path("name").asText()).isEqualTo("readings");
        assertThat(event.path("outputs").path(0).path("name").asText()).isEqualTo("means");
    }

    @Test
    void theSchemasRefuseWhatIsWrong() throws IOException {
        JsonNode event = JSON.readTree("{\"eventTime\": \"now\", \"run\": {\"runId\": 7}}");

        assertThat(errors("https://openlineage.io/spec/2-0-2/OpenLineage.json", event))
                .isNotEmpty();
        assertThat(errors(
                        "https://openlineage.io/spec/facets/1-0-1/ErrorMessageRunFacet.json#/$defs/ErrorMessageRunFacet",
                        JSON.readTree("{}")))
                .isNotEmpty();
    }

    @Test
    void anEventSaysWhatARunDid() throws IOException {
        JsonNode event = JSON.readTree(events.write(event(Event.Type.COMPLETE), job(), summary(), null));

        assertThat(event.path("inputs").path(0).path("namespace").asText()).isEqualTo("kafka://broker-1:9092");
        JsonNode read = event.at("/inputs/0/inputFacets/inputStatistics");
        assertThat(read.path("rowCount").asLong()).isEqualTo(10 + 2);
        assertThat(read.path("size").asLong()).isEqualTo(600);
        assertThat(event.at("/outputs/0/outputFacets/outputStatistics/rowCount").asLong())
                .isEqualTo(3);
        assertThat(event.at("/outputs/1/name").asText()).isEqualTo("means.dead-letter");
        assertThat(event.at("/run/facets/nominalTime/nominalStartTime").asText())
                .isEqualTo("2026-11-28T02:30:00Z");
        assertThat(JobCodec.read(JSON.readTree(
                        event.at("/job/facets/sourceCode/sourceCode").asText())))
                .isEqualTo(job());
    }

    @Test
    void eachColumnNamesTheFieldsThatItIsMadeOf() throws IOException {
        JsonNode event = JSON.readTree(events.write(event(Event.Type.START), job(), null, null));

        Map<String, String> columns = new HashMap<>();
        event.at("/outputs/0/facets/columnLineage/fields")
                .fields()
                .forEachRemaining(each -> columns.put(
                        each.getKey(),
                        each.getValue().at("/inputFields/0/field").asText() + " "
                                + each.getValue()
                                        .at("/inputFields/0/transformations/0/subtype")
                                        .asText()));
        assertThat(columns)
                .isEqualTo(Map.of(
                        "date", "datetime TRANSFORMATION",
                        "site", "meter.site IDENTITY",
                        "voltage", "voltage AGGREGATION",
                        "readings", " "));
    }

    private static Event event(Event.Type type) {
        long nominal = Instant.parse("2026-11-28T02:30:00Z").toEpochMilli();
        return new Event(type, nominal + 60_000, "default", RUN, nominal);
    }

    private static JobSpec job() throws IOException {
        return JobCodec.read(JSON.readTree("""
                {"name": "voltage-daily",
                 "input": {"topic": "readings",
                           "timestamp": {"field": "datetime", "pattern": "dd/MM/yyyy HH:mm:ss", "zone": "UTC"}},
                 "window": {"every": "day", "zone": "UTC"},
                 "groupBy": [{"path": "meter.site", "as": "site"}],
                 "aggregate": {"voltage": {"mean": "voltage"}, "readings": "count"},
                 "output": {"topic": "means"}}
                """));
    }

    private static RunSummary summary() {
        return new RunSummary(
                "voltage-daily",
                "readings",
                "means",
                RUN,
                State.DONE,
                1,
                0,
                1,
                0,
                0,
                12,
                12,
                0,
                null,
                0,
                new RecordCounts(10, 0, 2, 0, 0, 0, 0, 0, 600, Map.of()),
                3,
                0,
                0,
                1,
                2,
                List.of(),
                List.of(),
                List.of(),
                null,
                null,
                null);
    }

    private static List<String> errors(String url, JsonNode value) {
        return REGISTRY.getSchema(SchemaLocation.of(url)).validate(value).stream()
                .map(Object::toString)
                .toList();
    }

    private static SchemaRegistry registry() {
        Map<String, String> schemas = new HashMap<>();
        try (Stream<Path> files = Files.list(SCHEMAS)) {
            for (Path each : files.toList()) {
                String text = Files.readString(each);
                schemas.put(JSON.readTree(text).path("$id").asText(), text);
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return SchemaRegistry.withDefaultDialect(
                SpecificationVersion.DRAFT_2020_12, builder -> builder.schemas(schemas));
    }
}
