package io.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CronTextTest {
    private static final Instant NOW = Instant.parse("2026-11-23T10:20:30Z");

    @ParameterizedTest
    @CsvSource({
        "@daily,        2026-11-24T00:00:00Z, PT24H",
        "@Hourly,       2026-11-23T11:00:00Z, PT1H",
        "@weekly,       2026-11-29T00:00:00Z, PT168H",
        "30 3 * * *,    2026-11-24T03:30:00Z, PT24H",
        "*/15 * ? * *,  2026-11-23T10:30:00Z, PT15M",
        "0 6 * * MON,   2026-11-30T06:00:00Z, PT168H",
        "@every 90m,    2026-11-23T10:30:00Z, PT1H30M",
    })
    void itKnowsWhenARunIsDueAndHowLongAPeriodIs(String text, Instant next, Duration period) {
        CronText cron = CronText.parse(text);

        assertThat(cron.next(NOW, ZoneOffset.UTC)).contains(next);
        assertThat(cron.period(NOW, ZoneOffset.UTC)).isEqualTo(period);
    }

    @Test
    void nicknamesAreWrittenOut() {
        assertThat(CronText.parse("TZ=Asia/Tokyo @daily").text()).isEqualTo("CRON_TZ=Asia/Tokyo 0 0 * * *");
    }

    @Test
    void aZoneBeforeTheFieldsCounts() {
        CronText cron = CronText.parse("CRON_TZ=Europe/Berlin 0 3 * * *");

        assertThat(cron.text()).isEqualTo("CRON_TZ=Europe/Berlin 0 3 * * *");
        assertThat(cron.zone()).isEqualTo(ZoneId.of("Europe/Berlin"));
        assertThat(cron.next(NOW, cron.zone())).contains(Instant.parse("2026-11-24T02:00:00Z"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "61 * * * *", "* * * *", "* * * * * *", "@dayly", "@every soon", "@every 0m", "now"})
    void nonsenseIsRefusedBeforeAnythingStarts(String text) {
        assertThatThrownBy(() -> CronText.parse(text)).isInstanceOfAny(CliException.class);
    }

    @Test
    void aWrongZoneIsNamed() {
        assertThatThrownBy(() -> CronText.parse("CRON_TZ=Mars 0 3 * * *"))
                .isInstanceOf(CliException.class)
                .hasMessage("'Mars' is not a time zone such as UTC or Europe/Berlin");
    }
}
