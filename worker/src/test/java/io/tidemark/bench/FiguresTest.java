package io.tidemark.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class FiguresTest {

    @Test
    void theMedianOfAnOddNumberIsTheMiddleOne() {
        assertThat(new Figures(List.of(9.0, 1.0, 2.0)).median()).isEqualTo(2.0);
    }

    @Test
    void theMedianOfAnEvenNumberLiesBetweenTheMiddleTwo() {
        assertThat(new Figures(List.of(4.0, 1.0, 2.0, 9.0)).median()).isEqualTo(3.0);
    }

    @Test
    void theDescriptionHasTheSpreadAndTheRate() {
        assertThat(new Figures(List.of(2.0, 1.0, 4.0)).describe(10_000_000))
                .isEqualTo("median 2.00 s, 1.00 to 4.00 s, 5.0 million records/s");
    }

    @Test
    void noFiguresHaveNoMedian() {
        assertThatThrownBy(() -> new Figures(List.of())).isInstanceOf(IllegalArgumentException.class);
    }
}
