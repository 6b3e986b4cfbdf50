package io.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.temporal.api.workflowservice.v1.DescribeWorkflowExecutionResponse;
import io.tidemark.embedded.TemporalServer;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** The in-memory Temporal server, and commands that use it. */
abstract class CommandScene {
    static TemporalServer server;

    @TempDir
    Path folder;

    @BeforeAll
    static void startServer() {
        server = TemporalServer.builder().startInMemory();
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    Cli run(String job, String... more) throws IOException {
        return Cli.run(arguments(job, more));
    }

    String[] arguments(String job, String... more) throws IOException {
        String[] arguments = new String[4 + more.length];
        arguments[0] = "run";
        arguments[1] = Cli.job(folder, job).toString();
        arguments[2] = "--address";
        arguments[3] = server.target();
        System.arraycopy(more, 0, arguments, 4, more.length);
        return arguments;
    }

    static JsonNode json(Cli cli) throws JsonProcessingException {
        assertThat(cli.out()).endsWith("}\n").hasLineCount(1);
        return new ObjectMapper().readTree(cli.out());
    }

    static DescribeWorkflowExecutionResponse describe(String workflowId) {
        try (TemporalConnection connection = TemporalConnection.open(server.target(), null, "")) {
            return connection
                    .client()
                    .newUntypedWorkflowStub(workflowId)
                    .describe()
                    .getRawDescription();
        }
    }

    static void end(String workflowId) {
        try (TemporalConnection connection = TemporalConnection.open(server.target(), null, "")) {
            connection.client().newUntypedWorkflowStub(workflowId).terminate("the test is over");
        }
    }
}
