package io.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class SchemaCommandTest {
    @Test
    void ofARunItPrintsThePublishedSchemaToo() throws IOException {
        Cli cli = Cli.run("schema", "--of", "run");

        assertThat(cli.out()).isEqualTo(Files.readString(Path.of("../docs/reference/run.schema.json")));
        assertThat(cli.exitCode()).isZero();
    }

    @Test
    void itPrintsThePublishedSchema() throws IOException {
        Cli cli = Cli.run("schema");

        assertThat(cli.out()).isEqualTo(Files.readString(Path.of("../docs/reference/job.schema.json")));
        assertThat(cli.err()).isEmpty();
        assertThat(cli.exitCode()).isZero();
    }
}
