package com.acme.geo;

import io.tidemark.aggregator.AggregatorLaws;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CentroidTest {
    @Test
    void keepsTheLaws() {
        AggregatorLaws.check(
                new CentroidProvider(),
                Map.of("precision", 5),
                random -> List.of(180 * random.nextDouble() - 90, 360 * random.nextDouble() - 180));
    }
}
