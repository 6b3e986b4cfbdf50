package io.tidemark.demo;

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
import org.junit.jupiter.api.Test;
import org.slf4j.event.KeyValuePair;

/** The form of a warning in the terminal of the demo. */
class DemoLogTest {
    @Test
    void aWarningSaysWhatItIsAbout() throws JoranException {
        assertThat(line(new KeyValuePair("job", "voltage-daily"), new KeyValuePair("attempt", 1)))
                .isEqualTo("WARN X: consume failed job=voltage-daily attempt=1\n");
        assertThat(line()).isEqualTo("WARN X: consume failed\n");
    }

    private static String line(KeyValuePair... pairs) throws JoranException {
        LoggerContext logs = new LoggerContext();
        JoranConfigurator configurator = new JoranConfigurator();
        configurator.setContext(logs);
        configurator.doConfigure(Path.of("src/main/resources/logback-demo.xml").toFile());
        ConsoleAppender<ILoggingEvent> appender =
                (ConsoleAppender<ILoggingEvent>) logs.getLogger("ROOT").getAppender("STDERR");
        LoggingEvent event = new LoggingEvent(
                "", logs.getLogger("a.X"), Level.WARN, "consume failed", new IllegalStateException("why"), null);
        for (KeyValuePair each : pairs) {
            event.addKeyValuePair(each);
        }
        return new String(appender.getEncoder().encode(event), StandardCharsets.UTF_8)
                .replace(System.lineSeparator(), "\n");
    }
}
