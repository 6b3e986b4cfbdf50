package io.tidemark.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class FiguresTest {

    @Test
    void theMedianOfAnOddNumberIsTheMiddleOne() {
        assertThat(Figures.of(9, 1, 2).median()).isEqualTo(2.0);
    }

    @Test
    void theMedianOfAnEvenNumberLiesBetweenTheMiddleTwo() {
        assertThat(Figures.of(4, 1, 2, 9).median()).isEqualTo(3.0);
    }

    @Test
    void theTextHasTheMedianAndTheSpread() {
        assertThat(Figures.of(2, 1, 4)).hasToString("2.00 s (1.00 to 4.00)");
    }

    @Test
    void noMeasurementsAreRefused() {
        assertThatThrownBy(() -> new Figures(List.of())).isInstanceOf(IllegalArgumentException.class);
    }
}
