package io.tidemark.testkit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.job.JobCodec;
import io.tidemark.job.JobSpec;

/** Jobs for tests, in a line or two: JSON without most of its quotes, laid over the tutorial's job. */
public final class JobJson {
    private static final JsonMapper LENIENT = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_UNQUOTED_FIELD_NAMES, JsonReadFeature.ALLOW_SINGLE_QUOTES)
            .build();

    /** The tutorial's job: the mean voltage of each day. */
    public static final String TUTORIAL = """
            { name: 'voltage-daily',
              input: { topic: 'airflow-input-topic',
                       timestamp: { field: 'datetime', pattern: 'dd/MM/yyyy HH:mm:ss', zone: 'UTC' } },
              window: { every: 'day', zone: 'UTC' },
              groupBy: [],
              aggregate: { voltage: { mean: 'voltage' } },
              output: { topic: 'airflow-output-topic', key: '{date}' } }
            """;

    private JobJson() {}

    /** The tutorial's job with a condition. */
    public static JobSpec where(String condition) {
        ObjectNode job = JobCodec.write(job(""));
        return JobSpec.fromJson(job.put("where", condition));
    }

    /** The tutorial's job with some of its fields replaced; its key is the default one unless {@code output} is given. */
    public static JobSpec job(String changes) {
        try {
            ObjectNode job = (ObjectNode) LENIENT.readTree(TUTORIAL);
            if (!changes.isEmpty()) {
                job.withObject("/output").remove("key");
                job.setAll((ObjectNode) LENIENT.readTree(changes));
            }
            return JobSpec.fromJson(job);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
