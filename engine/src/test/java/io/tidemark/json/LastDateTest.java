package io.tidemark.json;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.job.TimestampSpec;
import io.tidemark.testkit.JobJson;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A reader that remembers a date reads any other text as a new one does. */
class LastDateTest {
    private static final LocalDateTime LAST = LocalDateTime.parse("2006-12-23T16:52:07.089");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "dd/MM/yyyy HH:mm:ss",
                "yyyy-MM-dd'T'HH:mm:ss",
                "yyyy-MM-dd HH:mm:ss.SSS",
                "HH:mm:ss dd.MM.yyyy",
                "yyyyMMdd HH.mm.ss",
                "yyyyMMdd'at'HH:mm:ssSSS",
                "yyyy/MM/dd HH-mm:ss 'local time'",
                "yyyyMMddHHmmss",
                "dd/MM/yyyy HH:mm"
            })
    void aTextWithAnotherByteIsReadAsByANewReader(String pattern) {
        String text = LAST.format(DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH));
        byte[] last = text.getBytes(StandardCharsets.UTF_8);
        TextTimestamps reader = reader(pattern);
        for (int at = 0; at < last.length; at++) {
            for (int b = 0; b < 256; b++) {
                byte[] other = last.clone();
                other[at] = (byte) b;
                reader.read(last, 0, last.length);

                assertThat(reader.read(other, 0, other.length))
                        .as("%s with %d at %d", text, b, at)
                        .isEqualTo(reader(pattern).read(other, 0, other.length));
            }
        }
    }

    @Test
    void everyClockOfTheSameDateIsRead() {
        TextTimestamps reader = reader("dd/MM/yyyy HH:mm:ss");
        long midnight = reader.read("23/12/2006 00:00:00".getBytes(StandardCharsets.UTF_8), 0, 19);
        for (int second = 0; second < 86_400; second++) {
            byte[] text = String.format(
                            Locale.ROOT, "..23/12/2006 %02d:%02d:%02d", second / 3600, second / 60 % 60, second % 60)
                    .getBytes(StandardCharsets.UTF_8);
            assertThat(reader.read(text, 2, text.length)).isEqualTo(midnight + second * 1000L);
        }
    }

    /** Days are remembered in a table, in which different days can have the same place. */
    @Test
    void aDayThatDoesNotExistIsNeverRemembered() {
        TextTimestamps reader = reader("dd/MM/yyyy HH:mm:ss");
        for (String each : new String[] {
            "00/00/0000 00:00:00",
            "31/02/2006 10:00:00",
            "29/02/2007 10:00:00",
            "32/12/2006 10:00:00",
            "01/13/2006 10:00:00"
        }) {
            byte[] text = each.getBytes(StandardCharsets.UTF_8);
            for (int i = 0; i < 3; i++) {
                assertThat(reader.read(text, 0, text.length)).as(each).isEqualTo(TimestampReader.UNREADABLE);
            }
        }
        for (int year = 1990; year < 2030; year++) {
            for (int month = 1; month <= 12; month++) {
                byte[] text = String.format(Locale.ROOT, "28/%02d/%04d 10:00:00", month, year)
                        .getBytes(StandardCharsets.UTF_8);
                assertThat(reader.read(text, 0, text.length))
                        .isEqualTo(LocalDateTime.of(year, month, 28, 10, 0)
                                .toInstant(ZoneOffset.UTC)
                                .toEpochMilli());
            }
        }
    }

    private static TextTimestamps reader(String pattern) {
        TimestampSpec spec = JobJson.job(
                        "{ input: { topic: 'in', timestamp: { field: 'datetime', pattern: \"" + pattern + "\" } } }")
                .input()
                .timestamp();
        return (TextTimestamps) TimestampReader.of(spec);
    }
}
