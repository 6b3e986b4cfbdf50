package io.tidemark.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.tidemark.job.JobCodec;
import io.tidemark.job.JobSpec;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;

/** The jobs of the rows of the table that measure the job language. They come with the program. */
final class TableJobs {

    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

    private TableJobs() {}

    /** Reads a job, such as {@code decimals}. */
    static JobSpec read(String name) {
        try (InputStream file = Objects.requireNonNull(
                TableJobs.class.getResourceAsStream(name + ".yaml"), () -> "there is no job " + name)) {
            return JobCodec.read(YAML.readTree(file));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the job " + name, e);
        }
    }
}
