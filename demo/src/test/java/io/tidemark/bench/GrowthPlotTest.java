package io.tidemark.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tidemark.bench.GrowthPlot.Curve;
import io.tidemark.bench.GrowthPlot.Point;
import io.tidemark.bench.GrowthPlot.Scale;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;

class GrowthPlotTest {

    @Test
    void scalesEndAtARoundNumberNotFarAboveTheMost() {
        assertThat(Scale.reaching(30, 0, 600)).isEqualTo(new Scale(5, 30, 0, 600));
        assertThat(Scale.reaching(4_096, 0, 600)).isEqualTo(new Scale(1_000, 5_000, 0, 600));
        assertThat(Scale.reaching(0.31, 0, 600).ticks())
                .hasSize(5)
                .last()
                .satisfies(end -> assertThat(end).isCloseTo(0.4, within(1e-9)));
    }

    @Test
    void valuesLieInProportionBetweenTheEnds() {
        Scale downwards = new Scale(1, 10, 300, 100);

        assertThat(downwards.pixel(0)).isEqualTo(300);
        assertThat(downwards.pixel(2.5)).isEqualTo(250);
        assertThat(downwards.pixel(10)).isEqualTo(100);
    }

    @Test
    void ticksHaveAsManyDecimalsAsTheyNeed() {
        assertThat(new Scale(0.05, 1, 0, 1).text(0.15)).isEqualTo("0.15");
        assertThat(new Scale(0.5, 1, 0, 1).text(0.5)).isEqualTo("0.5");
        assertThat(new Scale(1_000, 5_000, 0, 1).text(4_000)).isEqualTo("4,000");
    }

    @Test
    void theLineOfPointsOnALineIsThatLine() {
        Line line = Line.through(List.of(1.0, 3.0, 10.0, 30.0), List.of(0.7, 1.1, 2.5, 6.5));

        assertThat(line.start()).isCloseTo(0.5, within(1e-9));
        assertThat(line.slope()).isCloseTo(0.2, within(1e-9));
        assertThat(line.at(20)).isCloseTo(4.5, within(1e-9));
    }

    @Test
    void aLineNeedsTwoSizes() {
        assertThatThrownBy(() -> Line.through(List.of(1.0, 1.0), List.of(1.0, 2.0)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("two different sizes");
    }

    @Test
    void thePictureIsWellFormed() {
        String svg = GrowthPlot.svg(
                "a & b",
                "million records",
                "seconds",
                List.of(new Curve("whole run", List.of(new Point(1, 1, 2, 3), new Point(10, 4, 5, 6)))));

        assertThatCode(() -> DocumentBuilderFactory.newInstance()
                        .newDocumentBuilder()
                        .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8))))
                .doesNotThrowAnyException();
    }
}
