package io.tidemark.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tidemark.state.Mark;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PartitionRangeTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void aRangeOfAJobWithoutCloseHasTheJsonOfVersion01() throws JsonProcessingException {
        assertRoundTrip(new PartitionRange(3, 0, 1_000_000_000_001L), "[3,0,1000000000001]");
    }

    @Test
    void aRangeOfAJobWithCloseHasTwoTimesMore() throws JsonProcessingException {
        assertRoundTrip(new PartitionRange(3, 7, 9, new Closing(-5, 86_400_000)), "[3,7,9,-5,86400000]");
        assertRoundTrip(new PartitionRange(3, 7, 7, new Closing(Mark.NOTHING_CLOSED, 0)), "[3,7,7,null,0]");
        assertRoundTrip(
                new PartitionRange(3, 7, 9, new Closing(Mark.NOTHING_CLOSED, Mark.NOTHING_CLOSED)),
                "[3,7,9,null,null]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[3,7]", "[3,7,9,1]", "[3,7,9,1,2,3]", "[null,7,9]", "[3,9,7]", "[-1,7,9]"})
    void otherNumbersAreRefused(String json) {
        assertThatThrownBy(() -> JSON.readValue(json, PartitionRange.class))
                .isInstanceOf(JsonProcessingException.class);
    }

    @Test
    void onlyThePartWithTheEndCloses() {
        PartitionRange range = new PartitionRange(3, 0, 10, new Closing(1, 2));

        assertThat(Arrays.asList(
                        range.part(0, 5).target(),
                        range.part(5, 10).target(),
                        range.part(10, 10).target()))
                .containsExactly(1L, 2L, 2L);
    }

    @Test
    void whatIsLeftStandsWhereThePartitionStands() {
        PartitionRange range = new PartitionRange(3, 0, 10, new Closing(1, 5));

        assertThat(range.after(new Mark(4, 1))).isEqualTo(new PartitionRange(3, 4, 10, new Closing(1, 5)));
        assertThat(range.after(new Mark(12, 3))).isEqualTo(new PartitionRange(3, 12, 12, new Closing(3, 5)));
        assertThat(range.after(new Mark(10, 4)).isDone()).isFalse();
        assertThat(range.after(new Mark(10, 5)).isDone()).isTrue();
        assertThat(new PartitionRange(3, 0, 10)
                        .after(new Mark(10, Mark.NOTHING_CLOSED))
                        .isDone())
                .isTrue();
    }

    private static void assertRoundTrip(PartitionRange range, String json) throws JsonProcessingException {
        assertThat(JSON.writeValueAsString(range)).isEqualTo(json);
        assertThat(JSON.readValue(json, PartitionRange.class)).isEqualTo(range);
    }
}
