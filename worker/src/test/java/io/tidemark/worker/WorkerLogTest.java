package io.tidemark.worker;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.joran.spi.JoranException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The form of a worker's log. */
class WorkerLogTest {
    private static final String TIME = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}(Z|[+-]\\d\\d:\\d\\d)";

    @Test
    void aLineHasDateZoneRunAndAttempt() throws JoranException {
        assertThat(line(Map.of("WorkflowId", "tidemark-j", "RunId", "r-1", "ActivityType", "consume", "Attempt", "2")))
                .matches(TIME
                        + " INFO  X                  read workflow=tidemark-j run=r-1 activity=consume attempt=2\n");
        assertThat(line(Map.of())).matches(TIME + " INFO  X                  read\n");
    }

    private static String line(Map<String, String> context) throws JoranException {
        LoggerContext logs = new LoggerContext();
        JoranConfigurator configurator = new JoranConfigurator();
        configurator.setContext(logs);
        configurator.doConfigure(Path.of("src/main/resources/logback.xml").toFile());
        ConsoleAppender<ILoggingEvent> appender =
                (ConsoleAppender<ILoggingEvent>) logs.getLogger("ROOT").getAppender("stderr");
        LoggingEvent event = new LoggingEvent("", logs.getLogger("a.X"), Level.INFO, "read", null, null);
        event.setMDCPropertyMap(context);
        return new String(appender.getEncoder().encode(event), StandardCharsets.UTF_8)
                .replace(System.lineSeparator(), "\n");
    }
}
