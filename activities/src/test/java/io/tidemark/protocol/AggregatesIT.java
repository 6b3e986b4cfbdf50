package io.tidemark.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.run.FailureKind;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.PartitionVerdict;
import io.tidemark.run.PartitionVerdict.Verdict;
import io.tidemark.run.Staged;
import io.tidemark.step.Checkpoints;
import io.tidemark.testkit.Guarantees;
import io.tidemark.testkit.LifecycleSuite;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.StepwiseRun;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Aggregates with accumulators, over splits, batches, runs and retries: their totals go through files and the state topic. */
@LifecycleSuite
@Timeout(60)
class AggregatesIT {
    /** So many users are different; more than an approximate count keeps one by one with this precision. */
    private static final int USERS = 300;

    private static Rig rig(int partitions, int limit) {
        return Rig.with(partitions, json -> job(json, limit));
    }

    private static void job(ObjectNode json, int limit) {
        ObjectNode aggregate = json.putObject("aggregate");
        aggregate.putObject("sum").put("sum", "amount").put("decimal", 2);
        aggregate.putObject("paid").put("count", "*").put("where", "paid == true");
        aggregate.putObject("units").put("sum", "units").put("integer", true).put("absent", "skip");
        aggregate.putObject("users").put("distinct", "user").put("limit", limit);
        aggregate
                .putObject("about")
                .put("distinct", "user")
                .put("method", "approximate")
                .put("precision", 8);
        aggregate.putObject("last").put("last", "user");
        aggregate.putObject("p50").put("quantile", "amount").put("at", 0);
        aggregate
                .putObject("top")
                .put("largest", "units")
                .put("k", 2)
                .put("integer", true)
                .put("absent", "skip");
        aggregate.putObject("often").put("frequent", "user").put("k", 1);
    }

    /** The record number i: amounts are cents, so that doubles would not add up. */
    private static byte[] record(int i) {
        return String.format(
                        Locale.ROOT,
                        "{\"datetime\":\"23/12/2006 %02d:%02d:%02d\",\"amount\":%d.%02d,\"paid\":%b,\"user\":\"u%d\"%s}",
                        i / 3600,
                        i / 60 % 60,
                        i % 60,
                        i / 100,
                        i % 100,
                        i % 3 == 0,
                        i % USERS,
                        i % 2 == 0 ? ",\"units\":" + i : "")
                .getBytes(StandardCharsets.UTF_8);
    }

    private static void send(Rig rig, int partition, int from, int to) {
        for (int i = from; i < to; i++) {
            rig.sendRaw(partition, record(i));
        }
        rig.flush();
    }

    @Test
    void theyAreThoseOfOneBatchHoweverTheInputIsCut() throws Exception {
        try (Rig rig = rig(1, 1_000)) {
            send(rig, 0, 0, 400);
            rig.runAll();
            String first = rig.history().get(0).value().toString();
            send(rig, 0, 400, 2_000);
            StepwiseRun run = rig.newRun();
            run.plan();
            Staged one = run.consume(0, 0, List.of(new PartitionRange(0, 400, 1_000)));
            Staged other = run.consume(0, 1, List.of(new PartitionRange(0, 1_000, 1_700)));
            Staged delta = run.aggregate(0, List.of(one, other));
            assertThat(run.produce(0, delta))
                    .extracting(PartitionVerdict::verdict)
                    .containsExactly(Verdict.DONE);
            assertThat(run.produce(0, delta))
                    .as("a second attempt")
                    .extracting(PartitionVerdict::verdict)
                    .containsExactly(Verdict.DONE_BEFORE);
            assertThat(run.chain(0, List.of(new PartitionRange(0, 1_700, 2_000))))
                    .extracting(PartitionVerdict::verdict)
                    .containsExactly(Verdict.DONE);
            run.commit();

            // 0.00 + 0.01 + … + 19.99; 667 of 2,000 are divisible by three; 0 + 2 + … + 1,998.
            assertThat(first).contains("\"sum\":798.0,", "\"paid\":134", "\"units\":39800", "\"users\":300");
            assertThat(rig.rows()).hasSize(1);
            String last = rig.rows().values().iterator().next().toString();
            assertThat(last)
                    .contains(
                            "\"sum\":19990.0,",
                            "\"paid\":667",
                            "\"units\":999000",
                            "\"users\":300",
                            "\"last\":\"u199\"",
                            "\"p50\":0.0",
                            "\"top\":[1998,1996]",
                            "\"often\":[{\"value\":\"u0\",\"atLeast\":7,\"atMost\":7}]");
            assertThat(rig.rows().values().iterator().next().get("about").longValue())
                    .as("an error of 4.8 %")
                    .isBetween(255L, 345L);
            Guarantees.offsetsAreThoseOfTheState(rig);
        }
    }

    @Test
    void aSetBeyondItsLimitFailsThePartitionAndAHigherLimitGoesOn() {
        try (Rig rig = rig(2, 100)) {
            send(rig, 0, 0, 100);
            send(rig, 1, 0, 50);
            rig.runAll();
            send(rig, 0, 100, 101);
            send(rig, 1, 50, 60);

            StepwiseRun run = rig.newRun().all();

            assertThat(run.verdicts()).hasSize(2);
            assertThat(run.verdicts().get(0).problem().kind()).isEqualTo(FailureKind.TOO_MANY_VALUES);
            assertThat(run.verdicts().get(0).problem().message())
                    .startsWith(rig.input() + "[0]")
                    .contains("more than 100 different values in one cell; raise the limit of this distinct");
            assertThat(run.verdicts().get(1).verdict()).isEqualTo(Verdict.DONE);

            StepwiseRun higher = rig.newRun(rig.jobWith(json -> job(json, 101)), Checkpoints.NONE)
                    .all();

            assertThat(higher.verdicts()).extracting(PartitionVerdict::verdict).containsExactly(Verdict.DONE);
            assertThat(rig.rows().values())
                    .anySatisfy(row -> assertThat(row.get("users").intValue()).isEqualTo(101));
        }
    }

    @Test
    void storedTotalsBeyondTheirLimitFailThePartition() {
        try (Rig rig = rig(1, 1_000)) {
            send(rig, 0, 0, 100);
            rig.runAll();
            long stored = rig.progress().get(0).bytes();
            send(rig, 0, 100, 200);

            StepwiseRun run = rig.newRun(
                            rig.jobWith(json -> json.withObject("/limits").put("bytes", stored)), Checkpoints.NONE)
                    .all();

            assertThat(run.verdicts()).singleElement().satisfies(verdict -> {
                assertThat(verdict.problem().kind()).isEqualTo(FailureKind.STATE_TOO_LARGE);
                assertThat(verdict.problem().message()).contains("and limits.bytes is " + stored);
            });
            assertThat(rig.runAll().verdicts())
                    .extracting(PartitionVerdict::verdict)
                    .containsExactly(Verdict.DONE);
        }
    }
}
