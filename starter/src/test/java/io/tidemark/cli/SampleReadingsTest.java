package io.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SampleReadingsTest {
    private static final DateTimeFormatter TUTORIAL = DateTimeFormatter.ofPattern("dd/MM/yyyy HH:mm:ss");
    private static final LocalDate FROM = LocalDate.of(2006, 12, 30);

    @Test
    void theSameSeedGivesTheSameRecords() {
        assertThat(records(new SampleReadings(7, FROM, 3, 500, 20)))
                .isEqualTo(records(new SampleReadings(7, FROM, 3, 500, 20)))
                .isNotEqualTo(records(new SampleReadings(8, FROM, 3, 500, 20)));
    }

    @Test
    void theFirstRecordsAreThoseThatAreWrittenDown() {
        assertThat(records(new SampleReadings(1, SampleReadings.DEFAULT_FROM, 7, 10_000, 0))
                        .subList(0, 3))
                .containsExactly(
                        "meter-0050 {\"datetime\":\"20/12/2006 00:00:00\",\"voltage\":238.34}",
                        "meter-0004 {\"datetime\":\"20/12/2006 00:01:00\",\"voltage\":235.37}",
                        "meter-0025 {\"datetime\":\"20/12/2006 00:02:00\",\"voltage\":235.63}");
    }

    @Test
    void readingsHaveTheTutorialsFormAndRiseInTime() throws JsonProcessingException {
        SampleReadings sample = new SampleReadings(1, FROM, 3, 3_000, 0);
        LocalDateTime before = FROM.atStartOfDay().minusSeconds(1);
        Set<LocalDate> days = new HashSet<>();
        Set<String> meters = new HashSet<>();
        for (long i = 0; i < sample.size(); i++) {
            JsonNode reading = new ObjectMapper().readTree(text(sample.value(i)));
            LocalDateTime time = LocalDateTime.parse(reading.path("datetime").textValue(), TUTORIAL);
            assertThat(time).isAfter(before);
            assertThat(reading.path("voltage").doubleValue()).isBetween(235.0, 245.0);
            assertThat(reading).hasSize(2);
            meters.add(text(sample.key(i)));
            days.add(time.toLocalDate());
            before = time;
        }
        assertThat(days).containsExactlyInAnyOrder(FROM, FROM.plusDays(1), FROM.plusDays(2));
        assertThat(meters).hasSize(50).allMatch(each -> each.matches("meter-00(0[1-9]|[1-4]\\d|50)"));
    }

    @Test
    void badRecordsAreAsManyAsAskedForAndOfEveryKind() {
        SampleReadings sample = new SampleReadings(1, FROM, 3, 1_000, 60);
        List<String> bad = new ArrayList<>();
        for (long i = 0; i < sample.size(); i++) {
            if (sample.isBad(i)) {
                byte[] value = sample.value(i);
                bad.add(value == null ? "null" : text(value));
            }
        }

        assertThat(bad).hasSize(60);
        assertThat(Set.copyOf(bad))
                .containsExactlyInAnyOrder(
                        "not JSON",
                        "{\"datetime\":\"23/12/2006 16:52:00\"}",
                        "{\"datetime\":\"23/12/2006 16:52:00\",\"voltage\":\"n/a\"}",
                        "{\"datetime\":\"32/13/2006 25:00:00\",\"voltage\":239.94}",
                        "null");
    }

    @Test
    void theMostRecordsThatAreAllowedDoNotOverflow() {
        SampleReadings sample = new SampleReadings(1, LocalDate.of(1900, 1, 1), 100_000, 1_000_000_000, 1_000_000_000);

        assertThat(sample.badBefore(sample.size())).isEqualTo(1_000_000_000);
        long last = sample.isBad(sample.size() - 1) ? sample.size() - 2 : sample.size() - 1;
        assertThat(text(sample.value(last))).startsWith("{\"datetime\":\"15/10/2173 23:59:51\"");
    }

    @Test
    void nonsenseIsRefused() {
        assertThatThrownBy(() -> new SampleReadings(1, FROM, 0, 1, 0))
                .hasMessage("days: 0 is not between 1 and 100000");
        assertThatThrownBy(() -> new SampleReadings(1, FROM, 1, 0, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new SampleReadings(1, FROM, 1, 1, -1)).isInstanceOf(IllegalArgumentException.class);
    }

    private static List<String> records(SampleReadings sample) {
        List<String> records = new ArrayList<>();
        for (long i = 0; i < sample.size(); i++) {
            byte[] value = sample.value(i);
            records.add(text(sample.key(i)) + " " + (value == null ? "null" : text(value)));
        }
        return records;
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
