package io.tidemark.state;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PartitionProgressTest {
    private static final Map<Integer, PartitionProgress> STORED = Map.of(0, through(5), 1, through(7));

    @Test
    void progressReachesOffsetsUpToItsOwn() {
        assertThat(PartitionProgress.reaches(STORED, Map.of(0, upTo(5), 1, upTo(6))))
                .isTrue();
        assertThat(PartitionProgress.reaches(STORED, Map.of())).isTrue();
    }

    @Test
    void onePartitionThatIsBehindIsEnoughNotToReach() {
        assertThat(PartitionProgress.reaches(STORED, Map.of(0, upTo(5), 1, upTo(8))))
                .isFalse();
    }

    @Test
    void aPartitionWithoutProgressReachesNothing() {
        assertThat(PartitionProgress.reaches(STORED, Map.of(2, upTo(0)))).isFalse();
    }

    private static Mark upTo(long offset) {
        return new Mark(offset, Mark.NOTHING_CLOSED);
    }

    private static PartitionProgress through(long offset) {
        PlanIdentity identity = new PlanIdentity("f00d", 1, "in", "out", "state");
        return PartitionProgress.registered(identity, JsonNodeFactory.instance.objectNode(), 1, offset);
    }

    @Test
    void onlyABatchKnowsTheEndOfTheOutput() {
        assertThat(through(5).outputEnd()).isEqualTo(-1);
    }

    @Test
    void aWindowHasTotalsBeforeATimeIfItStartsBeforeIt() {
        Windows windows = new Windows(0, 0, 100);

        assertThat(windows.hasTotalsBefore(100)).isFalse();
        assertThat(windows.hasTotalsBefore(101)).isTrue();
        assertThat(Windows.NONE.hasTotalsBefore(Long.MAX_VALUE)).isFalse();
    }
}
