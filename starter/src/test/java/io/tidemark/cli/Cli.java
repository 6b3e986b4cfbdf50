package io.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Runs a command in this JVM and keeps its output. */
record Cli(int exitCode, String out, String err) {
    /** The tutorial's job. */
    static final String VOLTAGE = """
            name: voltage-daily
            input:
              topic: airflow-input-topic
              timestamp: { field: datetime, pattern: "dd/MM/yyyy HH:mm:ss", zone: UTC }
            window: { every: day, zone: UTC }
            groupBy: []
            aggregate:
              voltage: { mean: voltage }
            output: { topic: airflow-output-topic, key: "{date}" }
            """;

    static Cli run(String... arguments) {
        return run(new StringWriter(), arguments);
    }

    static Cli run(StringWriter out, String... arguments) {
        StringWriter err = new StringWriter();
        int exitCode = Main.run(new PrintWriter(out), new PrintWriter(err), arguments);
        return new Cli(exitCode, out.toString(), err.toString());
    }

    /** Writes the tutorial's job under another name, and so with its own state and workflow. */
    static Path job(Path folder, String name) throws IOException {
        return Files.writeString(folder.resolve(name + ".yaml"), VOLTAGE.replace("voltage-daily", name));
    }

    static String golden(String name) throws IOException {
        try (InputStream file = Cli.class.getResourceAsStream("/golden/" + name)) {
            assertThat(file).as("golden file %s", name).isNotNull();
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
