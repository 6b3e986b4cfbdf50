package io.tidemark.exporter;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.exporter.InputFacts.Log;
import io.tidemark.exporter.InputFacts.Sum;
import io.tidemark.exporter.StateFacts.Progress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** What lag and headroom are, by the offsets of partitions. */
class InputFactsTest {
    private static final Instant NOW = Instant.parse("2026-11-28T12:00:00Z");
    private static final OptionalLong WEEK = OptionalLong.of(Duration.ofDays(7).toMillis());

    @Test
    void theLagIsWhatTheNextRunCanRead() {
        Sum sum = new Sum(NOW, WEEK);
        sum.add(read(100), new Log(0, 130, 150), ago(Duration.ofMinutes(10)));
        sum.add(read(5), new Log(0, 5, 5), null);

        assertThat(sum.lag()).isEqualTo(30);
        assertThat(sum.age()).isEqualTo(Duration.ofMinutes(10));
    }

    @Test
    void theAgeIsThatOfTheOldestUnreadRecordOfAllPartitions() {
        Sum sum = new Sum(NOW, WEEK);
        sum.add(read(0), new Log(0, 1, 1), ago(Duration.ofMinutes(1)));
        sum.add(read(0), new Log(0, 1, 1), ago(Duration.ofMinutes(9)));
        sum.add(read(0), new Log(0, 1, 1), ago(Duration.ofMinutes(5)));

        assertThat(sum.age()).isEqualTo(Duration.ofMinutes(9));
    }

    /** An idle partition must not look late, whatever its last record is. */
    @Test
    void withoutUnreadRecordsTheAgeIsZeroAndNothingIsAtRisk() {
        Sum sum = new Sum(NOW, WEEK);
        sum.add(read(7), new Log(7, 7, 9), ago(Duration.ofDays(30)));

        assertThat(sum.lag()).isZero();
        assertThat(sum.age()).isEqualTo(Duration.ZERO);
        assertThat(sum.headroom()).isNull();
    }

    @Test
    void anUnknownAgeIsNotZero() {
        Sum sum = new Sum(NOW, WEEK);
        sum.add(read(7), new Log(0, 8, 8), null);

        assertThat(sum.lag()).isEqualTo(1);
        assertThat(sum.age()).isNull();
        assertThat(sum.headroom()).isNull();
    }

    @Test
    void noValueIsNegative() {
        Sum recreated = new Sum(NOW, WEEK);
        recreated.add(read(100), new Log(0, 3, 3), null);
        Sum ahead = new Sum(NOW, WEEK);
        ahead.add(read(0), new Log(0, 3, 3), NOW.plusSeconds(60).toEpochMilli());
        Sum late = new Sum(NOW, WEEK);
        late.add(read(0), new Log(0, 3, 3), ago(Duration.ofDays(8)));

        assertThat(recreated.lag()).isZero();
        assertThat(ahead.age()).isEqualTo(Duration.ZERO);
        assertThat(late.headroom()).isEqualTo(Duration.ZERO);
    }

    @Test
    void headroomIsWhatRetentionLeavesTheOldestUnreadRecord() {
        Sum sum = new Sum(NOW, WEEK);
        sum.add(read(0), new Log(0, 1, 1), ago(Duration.ofDays(2)));
        sum.add(read(0), new Log(0, 1, 1), ago(Duration.ofDays(3)));

        assertThat(sum.headroom()).isEqualTo(Duration.ofDays(4));
    }

    @Test
    void aTopicWithoutRetentionHasNoHeadroom() {
        Sum sum = new Sum(NOW, OptionalLong.empty());
        sum.add(read(0), new Log(0, 1, 1), ago(Duration.ofDays(3)));

        assertThat(sum.headroom()).isNull();
    }

    /** Retention can be by size. The rule is that of the run's warning. */
    @Test
    void aLogStartThatMovesFastLeavesLess() {
        Progress progress = new Progress(1_000, 1, 1, 400, ago(Duration.ofHours(2)));
        Sum sum = new Sum(NOW, WEEK);
        // The start has moved by 500 in two hours, and 100 remain.
        sum.add(progress, new Log(900, 2_000, 2_000), ago(Duration.ofMinutes(1)));
        Sum slow = new Sum(NOW, WEEK);
        slow.add(progress, new Log(500, 2_000, 2_000), ago(Duration.ofMinutes(1)));

        assertThat(sum.headroom()).isEqualTo(Duration.ofMinutes(24));
        assertThat(slow.headroom()).isEqualTo(Duration.ofDays(7).minusMinutes(1));
    }

    @Test
    void lostRecordsLeaveNoHeadroom() {
        Sum sum = new Sum(NOW, WEEK);
        sum.add(read(10), new Log(20, 50, 50), ago(Duration.ofMinutes(1)));

        assertThat(sum.lag()).isEqualTo(30);
        assertThat(sum.headroom()).isEqualTo(Duration.ZERO);
    }

    @Test
    void theStateIsTheSumOfItsPartitionsAndItsFullestOneIsNearestToTheLimit() {
        WatchedJob job = new WatchedJob("a", "tidemark.a.state", null, "in", 100, 1_000, 1);

        StateFacts facts =
                StateFacts.of(List.of(new Progress(0, 10, 900, -1, 5), new Progress(0, 70, 100, -1, 3)), job);

        assertThat(facts).isEqualTo(new StateFacts(80, OptionalLong.of(1_000), 0.9, Instant.ofEpochMilli(5)));
        assertThat(StateFacts.of(List.of(new Progress(0, 10, -1, -1, -1)), WatchedJob.named("a", "")))
                .isEqualTo(new StateFacts(10, OptionalLong.empty(), null, null));
    }

    @Test
    void aJobOfTwoStagesHasItsTotalsInTheStateOfTheSecond() throws Exception {
        JsonNode json = new ObjectMapper().readTree("""
                {"name": "a", "input": {"topic": "in"}, "window": "none", "aggregate": {"n": "count"},
                 "output": {"topic": "out"}}
                """);

        assertThat(WatchedJob.of(json).orElseThrow().totalsTopic()).isNull();
        ((ObjectNode) json).put("scope", "topic");
        assertThat(WatchedJob.of(json).orElseThrow().totalsTopic()).isEqualTo("tidemark.a.totals");
    }

    private static Progress read(long through) {
        return new Progress(through, 0, 0, -1, -1);
    }

    private static long ago(Duration time) {
        return NOW.minus(time).toEpochMilli();
    }
}
