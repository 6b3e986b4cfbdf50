package io.tidemark.worker;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.joran.spi.JoranException;
import ch.qos.logback.core.status.Status;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.slf4j.event.KeyValuePair;

/** The two forms of a worker's log. */
class WorkerLogTest {
    private static final String TIME = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}(Z|[+-]\\d\\d:\\d\\d)";
    private static final Map<String, String> CONTEXT =
            Map.of("WorkflowId", "tidemark-j", "RunId", "r-1", "ActivityType", "consume", "Attempt", "2");

    private final LoggerContext logs = new LoggerContext();

    @Test
    void aLineHasDateZoneRunAndAttempt() throws JoranException {
        assertThat(line("text", event(CONTEXT)))
                .matches(TIME
                        + " INFO  X                  read workflow=tidemark-j run=r-1 activity=consume attempt=2\n");
        assertThat(line("text", event(Map.of()))).matches(TIME + " INFO  X                  read\n");
    }

    @Test
    void aLineOfJsonHasFlatFields() throws Exception {
        LoggingEvent event = event(Map.of(
                "job",
                "j",
                "run",
                "body-1",
                "partition",
                "3..7",
                "WorkflowId",
                "group-1",
                "RunId",
                "r-1",
                "Attempt",
                "2",
                "Namespace",
                "default"));
        event.setInstant(Instant.parse("2026-01-02T03:04:05.678Z"));
        event.setKeyValuePairs(List.of(new KeyValuePair("millis", 12L), new KeyValuePair("level", "forged")));

        String line = line("json", event);

        assertThat(line.indexOf('\n')).isEqualTo(line.length() - 1);
        assertThat(new ObjectMapper().readTree(line)).isEqualTo(new ObjectMapper().readTree("""
                {"time": "2026-01-02T03:04:05.678Z", "level": "INFO", "logger": "a.X", "thread": "main", "message": "read",
                 "millis": 12, "job": "j", "run": "body-1", "partition": "3..7", "workflow": "group-1", "attempt": 2}
                """));
    }

    @Test
    void anExceptionIsOneFieldOfTheLine() throws Exception {
        LoggingEvent event = new LoggingEvent(
                "", logs.getLogger("a.X"), Level.WARN, "no\nread", new IllegalStateException("\"broken\""), null);
        event.setThreadName("main");
        event.setMDCPropertyMap(Map.of());

        String line = line("json", event);

        assertThat(line.indexOf('\n')).isEqualTo(line.length() - 1);
        JsonNode json = new ObjectMapper().readTree(line);
        assertThat(json.path("message").asText()).isEqualTo("no\nread");
        assertThat(json.path("exception").asText())
                .startsWith("java.lang.IllegalStateException: \"broken\"")
                .contains("\tat io.tidemark.worker.WorkerLogTest");
    }

    private LoggingEvent event(Map<String, String> context) {
        LoggingEvent event = new LoggingEvent("", logs.getLogger("a.X"), Level.INFO, "read", null, null);
        event.setThreadName("main");
        event.setMDCPropertyMap(context);
        return event;
    }

    private String line(String format, LoggingEvent event) throws JoranException {
        JoranConfigurator configurator = new JoranConfigurator();
        configurator.setContext(logs);
        logs.putProperty("TIDEMARK_LOG_FORMAT", format);
        configurator.doConfigure(Path.of("src/main/resources/logback.xml").toFile());
        ConsoleAppender<ILoggingEvent> appender =
                (ConsoleAppender<ILoggingEvent>) logs.getLogger("ROOT").getAppender("stderr");
        assertThat(logs.getStatusManager().getCopyOfStatusList())
                .as("logback prints all that it did if there is a warning")
                .allSatisfy(status ->
                        assertThat(status.getLevel()).as(status.getMessage()).isLessThan(Status.WARN));
        return new String(appender.getEncoder().encode(event), StandardCharsets.UTF_8)
                .replace(System.lineSeparator(), "\n");
    }
}
