package io.tidemark.workflow;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** The jobs of the tests, in JSON. */
final class Jobs {
    static final String TOPIC = "airflow-input-topic";
    static final String BODY = "tidemark-voltage-daily";

    private Jobs() {}

    /** Returns the job of the tutorial. */
    static ObjectNode voltage() {
        try {
            return (ObjectNode) new ObjectMapper().readTree("""
                    {"name": "voltage-daily",
                     "input": {"topic": "airflow-input-topic",
                               "timestamp": {"field": "datetime", "pattern": "dd/MM/yyyy HH:mm:ss", "zone": "UTC"}},
                     "window": {"every": "day", "zone": "UTC"},
                     "aggregate": {"voltage": {"mean": "voltage"}},
                     "output": {"topic": "airflow-output-topic", "key": "{date}"},
                     "limits": {"heartbeat": "1s"}}
                    """);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Returns the job of the tutorial with one limit changed. */
    static ObjectNode with(String limit, Object value) {
        ObjectNode job = voltage();
        job.withObject("/limits").putPOJO(limit, value);
        // The codec expects number and text nodes, not the POJO node that putPOJO makes.
        return new ObjectMapper().valueToTree(new ObjectMapper().convertValue(job, Object.class));
    }

    /** Returns the job of the tutorial with windows that close. */
    static ObjectNode closing(String by) {
        ObjectNode job = voltage();
        job.withObject("/close").put("after", "1d").put("by", by);
        return job;
    }

    /** Returns the job of the tutorial with several partitions in a slice. */
    static ObjectNode sharedBy(int partitions) {
        return voltage().put("partitionsPerSlice", partitions);
    }
}
