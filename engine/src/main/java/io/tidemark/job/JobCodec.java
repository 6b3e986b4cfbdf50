package io.tidemark.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.job.form.Form.Use;
import io.tidemark.job.form.InvalidJobException;
import io.tidemark.job.form.Place;
import java.util.Locale;

/** Reads and writes jobs as JSON, by the table of fields in {@link JobFields}. */
public final class JobCodec {
    private JobCodec() {}

    /**
     * Reads a job. In each object of the job unknown fields are refused before anything else, so that a typing error
     * becomes neither a default nor another error.
     *
     * @throws InvalidJobException with the path of the first field that is wrong
     */
    public static JobSpec read(JsonNode json) {
        JobSpec job = readStage(json);
        if (job.stage() == Stage.TOTALS) {
            throw new InvalidJobException(
                    "input.topic",
                    "must not be a topic that is private to a job, but is '"
                            + job.input().topic() + "', which holds this job's own partial totals");
        }
        return job;
    }

    /** Reads a job that a run has made for one of its stages, or any other. */
    static JobSpec readStage(JsonNode json) {
        if (!json.isObject()) {
            throw new InvalidJobException(
                    "",
                    "a job must be an object of fields, such as name and input, but this is "
                            + json.getNodeType().name().toLowerCase(Locale.ROOT));
        }
        return JobFields.JOB.read(json, new Place(json, ""));
    }

    /** Writes a job without the fields that have their default. {@link #read} gives an equal job back. */
    public static ObjectNode write(JobSpec job) {
        return (ObjectNode) JobFields.JOB.write(job, Use.PAYLOAD);
    }
}
