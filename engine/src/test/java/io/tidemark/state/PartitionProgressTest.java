package io.tidemark.state;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PartitionProgressTest {
    private static final Map<Integer, PartitionProgress> STORED = Map.of(0, through(5), 1, through(7));

    @Test
    void progressReachesOffsetsUpToItsOwn() {
        assertThat(PartitionProgress.reaches(STORED, Map.of(0, 5L, 1, 6L))).isTrue();
        assertThat(PartitionProgress.reaches(STORED, Map.of())).isTrue();
    }

    @Test
    void onePartitionThatIsBehindIsEnoughNotToReach() {
        assertThat(PartitionProgress.reaches(STORED, Map.of(0, 5L, 1, 8L))).isFalse();
    }

    @Test
    void aPartitionWithoutProgressReachesNothing() {
        assertThat(PartitionProgress.reaches(STORED, Map.of(2, 0L))).isFalse();
    }

    private static PartitionProgress through(long offset) {
        PlanIdentity identity = new PlanIdentity("f00d", 1, "in", "out", "state");
        return PartitionProgress.registered(identity, JsonNodeFactory.instance.objectNode(), 1, offset);
    }
}
