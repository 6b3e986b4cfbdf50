package io.tidemark.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class TableRowTest {

    @Test
    void rowsAreFoundByTheirNumbersInTheOrderOfTheTable() {
        assertThat(TableRow.of(List.of("10", "3"))).containsExactly(TableRow.LZ4, TableRow.ZSTD, TableRow.THOUSAND);
        assertThat(TableRow.of(List.of("3b"))).containsExactly(TableRow.ZSTD);
        assertThat(TableRow.of(List.of("1"))).containsExactly(TableRow.THIRTY_MILLION);
        assertThat(TableRow.of(List.of("all"))).containsExactly(TableRow.values());
    }

    @Test
    void aNumberWithoutARowIsRefused() {
        assertThatThrownBy(() -> TableRow.of(List.of("7")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no row 7", "12");
    }
}
