package io.tidemark.activity;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.run.PartitionRange;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LoggedRangesTest {
    @Test
    void aLineOfTheLogHasAFewRanges() {
        List<PartitionRange> many = IntStream.range(0, 2_000)
                .mapToObj(each -> new PartitionRange(each, 5, 1_000_000))
                .toList();

        assertThat(BatchActivitiesImpl.text(many.subList(0, 2))).isEqualTo("0:5..1000000 1:5..1000000");
        assertThat(BatchActivitiesImpl.text(many)).hasSizeLessThan(200).endsWith(" 9:5..1000000 and 1990 more");
    }
}
