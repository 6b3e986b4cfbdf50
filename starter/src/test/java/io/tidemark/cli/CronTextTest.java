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
        "@daily,        2026-11-24T00:00:00Z",
        "@Hourly,       2026-11-23T11:00:00Z",
        "@weekly,       2026-11-29T00:00:00Z",
        "30 3 * * *,    2026-11-24T03:30:00Z",
        "*/15 * ? * *,  2026-11-23T10:30:00Z",
        "0 6 * * MON,   2026-11-30T06:00:00Z",
        "@every 90m,    2026-11-23T10:30:00Z",
    })
    void itKnowsWhenARunIsDue(String text, Instant next) {
        assertThat(CronText.parse(text).next(NOW, ZoneOffset.UTC)).contains(next);
    }

    @ParameterizedTest
    @CsvSource({
        "@daily,             PT24H",
        "@hourly,            PT1H",
        "*/15 * ? * *,       PT15M",
        "0 6 * * MON,        PT168H",
        "@every 90m,         PT1H30M",
        // From Friday to Monday, on whichever day it is asked.
        "0 9 * * MON-FRI,    PT72H",
        "0/30 9-17 * * 1-5,  PT63H30M",
        "@monthly,           PT744H",
        // A schedule runs on Fridays that are the 13th, not on each 13th and each Friday.
        "0 0 13 * 5,         PT10248H",
        "0 0 30 2 *,         PT24H",
    })
    void aMissedRunMayStartUntilTheNextOneIsDue(String text, Duration pause) {
        assertThat(CronText.parse(text).longestPause(NOW)).isEqualTo(pause);
    }

    @ParameterizedTest
    @CsvSource({
        "0 0 13 * 5, true",
        "0 0 */2 * 5, true",
        "0 0 13 * *, false",
        "0 0 ? * 5, false",
        "0 0 */1 * 5, false",
        "@weekly, false",
        "@every 90m, false",
        "CRON_TZ=Europe/Berlin 0 0 1 * 1, true"
    })
    void daysThatCronAndSchedulesReadDifferentlyAreKnown(String text, boolean differ) {
        assertThat(CronText.parse(text).restrictsBothDays()).isEqualTo(differ);
    }

    @Test
    void aQuestionMarkIsWrittenAsAStar() {
        assertThat(CronText.parse("0 3 ? * ?").text()).isEqualTo("0 3 * * *");
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
