package io.tidemark.job;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** The JSON Schema of a job, made from {@link JobFields}: editors complete and check job files by it. */
public final class JobSchema {
    private JobSchema() {}

    /** The schema, in the draft that most editors know. */
    public static ObjectNode json() {
        ObjectNode schema = JsonNodeFactory.instance
                .objectNode()
                .put("$schema", "http://json-schema.org/draft-07/schema#")
                .put("title", "Tidemark job")
                .put("description", "What to read from Kafka, what to compute and where to write it.");
        schema.setAll(JobFields.JOB.schema());
        return schema;
    }

    /** The schema as a file: indented, with line feeds. */
    public static String text() {
        return json().toPrettyString().replace("\r\n", "\n") + "\n";
    }
}
