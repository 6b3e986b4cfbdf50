package io.tidemark.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.tidemark.state.PartitionProgress;
import io.tidemark.state.PlanIdentity;
import io.tidemark.state.Windows;
import java.util.List;
import org.junit.jupiter.api.Test;

class StateSizeTest {
    private static PartitionProgress progress(long cells, long bytes) {
        return new PartitionProgress(
                new PlanIdentity("", 1, "", "", "", null, 0),
                JsonNodeFactory.instance.objectNode(),
                1,
                0,
                -1,
                cells,
                bytes,
                Windows.NONE,
                null,
                null,
                List.of());
    }

    @Test
    void theSizesOfPartitionsAddUp() {
        assertThat(StateSize.of(List.of(progress(3, 100), progress(4, 200)))).isEqualTo(new StateSize(7, 300L));
        assertThat(StateSize.of(List.of())).isEqualTo(new StateSize(0, 0L));
        assertThat(new StateSize(3, 100L).plus(new StateSize(4, 200L))).isEqualTo(new StateSize(7, 300L));
    }

    @Test
    void aPartitionWithoutItsBytesLeavesTheSumUnknown() {
        StateSize unknown = StateSize.of(List.of(progress(3, 100), progress(4, -1)));

        assertThat(unknown).isEqualTo(new StateSize(7, null));
        assertThat(unknown.plus(new StateSize(1, 5L))).isEqualTo(new StateSize(8, null));
        assertThat(new StateSize(1, 5L).plus(unknown)).isEqualTo(new StateSize(8, null));
    }

    @Test
    void aResultOfAnEarlierReleaseIsRead() throws Exception {
        assertThat(new ObjectMapper().readValue("{\"partitions\":4}", CommitResult.class))
                .isEqualTo(new CommitResult(4, null));
        assertThat(new ObjectMapper().writeValueAsString(new CommitResult(4, null)))
                .isEqualTo("{\"partitions\":4}");
    }
}
