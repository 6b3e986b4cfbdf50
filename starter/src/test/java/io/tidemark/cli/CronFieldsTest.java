package io.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.temporal.client.schedules.ScheduleCalendarSpec;
import io.temporal.client.schedules.ScheduleRange;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CronFieldsTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "30 4 * * *            | 30 4 * * *",
                "0 9 * * MON-FRI       | 0 9 * * 1-5",
                "0 9 * * 1,2,3,4,5     | 0 9 * * 1-5",
                "0 9 * * 7             | 0 9 * * 0",
                "0 9 * * 5-7           | 0 9 * * 0,5-6",
                "0 9 * * 0-6           | 0 9 * * *",
                "0,15,30,45 * * * *    | */15 * * * *",
                "*/15 * * * *          | */15 * * * *",
                "0-59/15 * * * *       | */15 * * * *",
                "5/20 0-23 1 jan,FEB * | 5,25,45 * 1 1-2 *",
                "1 2 3,1 */3 *         | 1 2 1,3 */3 *",
            })
    void equalTimesHaveOneText(String cron, String text) {
        assertThat(CronFields.of(cron)).isEqualTo(text);
        assertThat(CronFields.of(text)).isEqualTo(text);
    }

    @Test
    void theRangesOfTheServerHaveTheSameText() {
        ScheduleCalendarSpec calendar = ScheduleCalendarSpec.newBuilder()
                .setMinutes(List.of(new ScheduleRange(30)))
                .setHour(List.of(new ScheduleRange(0, 23, 1)))
                .setDayOfWeek(List.of(new ScheduleRange(1), new ScheduleRange(2, 5)))
                .build();

        assertThat(CronFields.of(calendar)).isEqualTo(CronFields.of("30 * * * MON-FRI"));
    }
}
