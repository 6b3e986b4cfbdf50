package io.tidemark.lineage;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.job.AggregationSpec;
import io.tidemark.job.JobCodec;
import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
import io.tidemark.job.RowShape;
import io.tidemark.run.RunSummary;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes events of OpenLineage 2-0-2. Each event has all inputs and outputs, because some receivers take nothing but the last
 * event of a run. Source: github.com/OpenLineage/OpenLineage, folder spec.
 */
final class LineageEvents {
    private static final String SPEC = "https://openlineage.io/spec/";
    private static final String RUN_EVENT = SPEC + "2-0-2/OpenLineage.json#/$defs/RunEvent";

    /** Longest message of a failure in an event, in characters. */
    private static final int MAX_MESSAGE = 2_000;

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Whose event it is, and when it happened. */
    record Event(Type type, long at, String namespace, String runId, long nominal) {
        /** The types of events. */
        enum Type {
            START,
            COMPLETE,
            FAIL,
            ABORT
        }
    }

    private final String producer;
    private final String version;
    private final String kafka;

    /**
     * Makes a writer.
     *
     * @param version version of Tidemark
     * @param bootstrapServers those of the worker's Kafka settings; the first one names the cluster
     */
    LineageEvents(String version, String bootstrapServers) {
        this.version = version;
        producer = "urn:tidemark:" + version.replaceAll("[^A-Za-z0-9.-]", "-");
        kafka = "kafka://" + bootstrapServers.split(",", -1)[0].strip();
    }

    /**
     * Returns an event in JSON.
     *
     * @param summary what the run did, or null when it starts or if that is not known
     * @param error why it failed, or null
     */
    byte[] write(Event event, JobSpec job, @Nullable RunSummary summary, @Nullable String error) {
        ObjectNode json = JSON.createObjectNode();
        json.put("eventType", event.type().name());
        json.put("eventTime", Instant.ofEpochMilli(event.at()).toString());
        json.put("producer", producer);
        json.put("schemaURL", RUN_EVENT);
        ObjectNode run = json.putObject("run");
        run.put("runId", event.runId());
        ObjectNode runFacets = run.putObject("facets");
        facet(runFacets, "nominalTime", "1-0-1/NominalTimeRunFacet")
                .put("nominalStartTime", Instant.ofEpochMilli(event.nominal()).toString());
        facet(runFacets, "processing_engine", "1-1-1/ProcessingEngineRunFacet")
                .put("name", "Tidemark")
                .put("version", version);
        if (error != null) {
            facet(runFacets, "errorMessage", "1-0-1/ErrorMessageRunFacet")
                    .put("message", error.length() <= MAX_MESSAGE ? error : error.substring(0, MAX_MESSAGE))
                    .put("programmingLanguage", "Java");
        }
        ObjectNode about = json.putObject("job");
        about.put("namespace", event.namespace());
        about.put("name", job.name());
        ObjectNode jobFacets = about.putObject("facets");
        facet(jobFacets, "jobType", "2-0-4/JobTypeJobFacet")
                .put("processingType", "BATCH")
                .put("integration", "TIDEMARK")
                .put("jobType", "JOB");
        facet(jobFacets, "sourceCode", "1-0-1/SourceCodeJobFacet")
                .put("language", "json")
                .put("sourceCode", JobCodec.write(job).toPrettyString());
        input(json.withArray("inputs").addObject(), job, summary);
        output(json.withArray("outputs").addObject(), job, summary);
        if (summary != null && summary.counts().deadLettered() > 0) {
            dataset(
                    json.withArray("outputs").addObject(),
                    JobNames.deadLetterTopic(job.output().topic()));
        }
        try {
            return JSON.writeValueAsBytes(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of JSON can be written", e);
        }
    }

    private void input(ObjectNode input, JobSpec job, @Nullable RunSummary summary) {
        dataset(input, job.input().topic());
        if (summary != null) {
            facet(input.putObject("inputFacets"), "inputStatistics", "1-0-0/InputStatisticsInputDatasetFacet")
                    .put(
                            "rowCount",
                            summary.counts().folded()
                                    + summary.counts().filtered()
                                    + summary.counts().bad())
                    .put("size", summary.counts().bytes());
        }
    }

    private void output(ObjectNode output, JobSpec job, @Nullable RunSummary summary) {
        dataset(output, job.output().topic());
        ObjectNode facets = output.putObject("facets");
        ObjectNode schema = facet(facets, "schema", "1-2-0/SchemaDatasetFacet");
        ObjectNode lineage = facet(facets, "columnLineage", "1-2-0/ColumnLineageDatasetFacet")
                .putObject("fields");
        for (RowShape.Column each : job.rowColumns()) {
            schema.withArray("fields").addObject().put("name", each.name());
            ObjectNode column = lineage.putObject(each.name());
            column.putArray("inputFields");
            for (String field : fields(job, each)) {
                ObjectNode from = column.withArray("inputFields").addObject();
                dataset(from, job.input().topic());
                from.put("field", field);
                from.withArray("transformations")
                        .addObject()
                        .put("type", "DIRECT")
                        .put("subtype", subtype(each.kind()));
            }
        }
        if (summary != null) {
            facet(output.putObject("outputFacets"), "outputStatistics", "1-0-2/OutputStatisticsOutputDatasetFacet")
                    .put("rowCount", summary.rows());
        }
    }

    /** Returns the fields of the input from which a column is made; none for a count and for times of Kafka's records. */
    private static List<String> fields(JobSpec job, RowShape.Column column) {
        String time = job.input().timestamp().field();
        return switch (column.kind()) {
            case GROUP -> List.of(job.groupBy().get(column.index()).field());
            case AGGREGATE -> fields(job.aggregate().get(column.index()));
            case COUNT -> List.of();
            case WINDOW, WINDOW_START, WINDOW_END, WINDOW_START_MILLIS, WINDOW_END_MILLIS ->
                time == null ? List.of() : List.of(time);
        };
    }

    private static List<String> fields(AggregationSpec aggregate) {
        if (aggregate.own() != null) {
            return aggregate.own().of();
        }
        return aggregate.field() == null ? List.of() : List.of(aggregate.field());
    }

    private static String subtype(RowShape.Kind kind) {
        return switch (kind) {
            case GROUP -> "IDENTITY";
            case AGGREGATE, COUNT -> "AGGREGATION";
            case WINDOW, WINDOW_START, WINDOW_END, WINDOW_START_MILLIS, WINDOW_END_MILLIS -> "TRANSFORMATION";
        };
    }

    private void dataset(ObjectNode dataset, String topic) {
        dataset.put("namespace", kafka).put("name", topic);
    }

    private ObjectNode facet(ObjectNode facets, String name, String schema) {
        String type = schema.substring(schema.indexOf('/') + 1);
        return facets.putObject(name)
                .put("_producer", producer)
                .put("_schemaURL", SPEC + "facets/" + schema + ".json#/$defs/" + type);
    }
}
