package io.tidemark.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.demo.RowChart.Place;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class RowChartTest {

    private static final Place FIRST = new Place(0, "2006-12-16");
    private static final Place SECOND = new Place(0, "2006-12-17");
    private static final Place OTHER_PARTITION = new Place(1, "2006-12-16");

    @Test
    void rowsAreInTheOrderOfDaysThenPartitions() {
        assertThat(RowChart.lines(Map.of(), rows(240.0, 241.0, 242.0)))
                .satisfiesExactly(
                        heading -> assertThat(heading).startsWith("date"),
                        line -> assertThat(line).startsWith("2006-12-16          0   240.00"),
                        line -> assertThat(line).startsWith("2006-12-16          1   242.00"),
                        line -> assertThat(line).startsWith("2006-12-17          0   241.00"));
    }

    @Test
    void aChangedRowSaysWhatItWas() {
        Map<Place, Double> before = rows(240.0, 241.0, 242.0);
        Map<Place, Double> after = rows(240.0, 239.5, 242.0);

        assertThat(RowChart.lines(before, after))
                .filteredOn(line -> line.contains("corrected"))
                .singleElement()
                .asString()
                .startsWith("2006-12-17")
                .endsWith("corrected, was 241.00");
        assertThat(RowChart.corrected(before, after)).isEqualTo(1);
    }

    @Test
    void aRowThatWasNotThereIsNewAndNotCorrected() {
        Map<Place, Double> before = rows(240.0, 241.0, 242.0);
        before.remove(SECOND);

        assertThat(RowChart.lines(before, rows(240.0, 241.0, 242.0)))
                .filteredOn(line -> line.endsWith("new"))
                .singleElement()
                .asString()
                .startsWith("2006-12-17");
        assertThat(RowChart.corrected(before, rows(240.0, 241.0, 242.0))).isZero();
    }

    @Test
    void theFirstRowsAreNotCalledNew() {
        assertThat(RowChart.lines(Map.of(), rows(1, 2, 3))).noneMatch(line -> line.endsWith("new"));
    }

    @Test
    void theLargestValueHasTheFullBarAndEqualValuesAllHaveIt() {
        String full = "█".repeat(24);
        assertThat(RowChart.bar(1)).isEqualTo(full);
        assertThat(RowChart.bar(0.5)).isEqualTo("█".repeat(12));
        assertThat(RowChart.bar(1 / 48.0)).isEqualTo("▌");
        assertThat(RowChart.lines(Map.of(), rows(5, 5, 6)).get(2)).contains(full);
        assertThat(RowChart.lines(Map.of(), rows(5, 5, 5)).subList(1, 4)).allMatch(line -> line.contains(full));
    }

    private static Map<Place, Double> rows(double first, double second, double other) {
        return new TreeMap<>(Map.of(FIRST, first, SECOND, second, OTHER_PARTITION, other));
    }
}
