package io.tidemark.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.run.FailureKind;
import io.tidemark.run.PartitionVerdict;
import io.tidemark.state.PartitionProgress;
import io.tidemark.state.RecordCounts;
import io.tidemark.step.Checkpoints;
import io.tidemark.step.Checkpoints.Point;
import io.tidemark.testkit.Crash;
import io.tidemark.testkit.Guarantees;
import io.tidemark.testkit.Observer;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.StepwiseRun;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A job with a condition: its rows and its account, also if an attempt dies. */
@Timeout(60)
class FilteredRunIT {
    private static final String WHERE = "kind != \"test\" && voltage > 231.5";

    /** {@link #WHERE} in Java. */
    private static @Nullable Boolean judge(JsonNode record) {
        JsonNode kind = record.path("kind");
        JsonNode voltage = record.path("voltage");
        Boolean real = kind.isTextual() ? !kind.textValue().equals("test") : null;
        Boolean high = voltage.isNumber() ? voltage.decimalValue().compareTo(new BigDecimal("231.5")) > 0 : null;
        if (Boolean.FALSE.equals(real) || Boolean.FALSE.equals(high)) {
            return false;
        }
        return real == null || high == null ? null : true;
    }

    private static Rig rig() {
        return Rig.with(2, json -> json.put("partitionsPerSlice", 2).put("where", WHERE));
    }

    /** Sends records that count, that do not, and that are neither; also such that are bad for another reason. */
    private static void send(Rig rig, int partition, int from, int to) {
        for (int i = from; i < to; i++) {
            String kind = i % 17 == 0 ? "" : ",\"kind\":" + (i % 19 == 0 ? "7" : i % 5 == 0 ? "\"test\"" : "\"main\"");
            String voltage = i % 13 == 0 ? "\"231.6\"" : String.format(Locale.ROOT, "%d.%d", 225 + i % 11, i % 10);
            String datetime =
                    i % 23 == 0 ? "yesterday" : String.format(Locale.ROOT, "%02d/12/2006 10:00:00", 1 + i % 3);
            String value = "{\"datetime\":\"" + datetime + "\",\"voltage\":" + voltage + kind + "}";
            rig.sendRaw(partition, value.getBytes(StandardCharsets.UTF_8));
        }
        rig.flush();
    }

    private static RecordCounts counts(StepwiseRun run) {
        return run.verdicts().stream().map(PartitionVerdict::counts).reduce(RecordCounts.NONE, RecordCounts::plus);
    }

    @Test
    void theAccountSaysHowManyRecordsWereFiltered() {
        try (Rig rig = rig();
                Observer observer = Observer.of(rig)) {
            send(rig, 0, 0, 300);
            send(rig, 1, 300, 350);

            StepwiseRun run = rig.runAll();

            long filtered = Guarantees.holdForTheInput(rig, observer, FilteredRunIT::judge);
            RecordCounts counts = counts(run);
            assertThat(filtered).isPositive();
            assertThat(counts.filtered()).isEqualTo(filtered);
            assertThat(counts.folded()).isPositive();
            assertThat(counts.deadLettered()).isPositive();
            assertThat(counts.offsets()).isEqualTo(350);
            RecordCounts stored = RecordCounts.NONE;
            for (PartitionProgress each : rig.progress().values()) {
                stored = stored.plus(Objects.requireNonNull(each.last()).counts());
            }
            assertThat(stored).isEqualTo(counts);
        }
    }

    /** No row, no dead letter: only the progress. */
    @Test
    void aRunThatFiltersEverythingMovesOn() {
        try (Rig rig = Rig.with(1, json -> json.put("where", WHERE));
                Observer observer = Observer.of(rig)) {
            for (int i = 0; i < 10; i++) {
                rig.sendRaw(0, "{\"kind\":\"test\"}".getBytes(StandardCharsets.UTF_8));
            }
            rig.flush();

            StepwiseRun run = rig.runAll();

            assertThat(counts(run).filtered()).isEqualTo(10);
            assertThat(run.verdicts()).extracting(PartitionVerdict::through).containsExactly(10L);
            assertThat(Guarantees.holdForTheInput(rig, observer, FilteredRunIT::judge))
                    .isEqualTo(10);
            assertThat(rig.rows()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Point.class,
            names = {"CONSUME_READ", "CONSUME_STAGED", "PRODUCE_AFTER_SENDS", "PRODUCE_AFTER_COMMIT"})
    void anAttemptThatDiesIsMadeGoodByTheNextRun(Point point) {
        try (Rig rig = rig();
                Observer observer = Observer.of(rig)) {
            send(rig, 0, 0, 100);
            send(rig, 1, 100, 150);
            rig.runAll();
            send(rig, 0, 150, 200);
            send(rig, 1, 200, 300);
            assertThatThrownBy(() -> rig.newRun(Crash.at(point)).all()).isInstanceOf(Crash.class);

            rig.runAll();

            assertThat(Guarantees.holdForTheInput(rig, observer, FilteredRunIT::judge))
                    .isPositive();
        }
    }

    @Test
    void aJobWhoseConditionChangesIsRefused() {
        try (Rig rig = rig()) {
            send(rig, 0, 0, 10);
            rig.runAll();
            send(rig, 0, 10, 20);

            RefusalsIT.assertRefused(
                    () -> rig.newRun(rig.jobWith(json -> json.remove("where")), Checkpoints.NONE)
                            .plan(),
                    FailureKind.JOB_CHANGED,
                    "where was \"kind != \\\"test\\\" && voltage > 231.5\" and is now absent");
            RefusalsIT.assertRefused(
                    () -> rig.newRun(rig.jobWith(json -> json.put("where", "voltage > 231.5")), Checkpoints.NONE)
                            .plan(),
                    FailureKind.JOB_CHANGED,
                    "and is now \"voltage > 231.5\"");
        }
    }
}
