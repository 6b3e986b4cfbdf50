package io.tidemark.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.PartitionVerdict;
import io.tidemark.run.PartitionVerdict.Verdict;
import io.tidemark.run.RunPlan;
import io.tidemark.run.Staged;
import io.tidemark.step.Checkpoints;
import io.tidemark.testkit.CommittedRecords;
import io.tidemark.testkit.Guarantees;
import io.tidemark.testkit.Reading;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.StepwiseRun;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A budget cuts the plan. Runs follow one another until nothing is left, and no record is lost or counted twice. */
@Timeout(60)
class BudgetIT {
    private static final long BYTES = Reading.number(0).json().getBytes(StandardCharsets.UTF_8).length;

    @Test
    void aBudgetOfRecordsIsSharedAndRunsGoOnUntilNothingIsLeft() {
        try (Rig rig = Rig.with(4, job -> job.withObject("/budget").put("records", 400))) {
            rig.send(0, 0, 10);
            rig.send(1, 0, 700);
            rig.send(3, 0, 290);

            RunPlan first = rig.newRun().all().plan();
            // The second plan, made after the first run: what the next run takes.
            assertThat(lengths(first)).isEqualTo(Map.of(1, 305L, 3, 95L));
            assertThat(first.leftBy()).isEqualTo("budget.records 400");
            assertThat(first.left()).isEqualTo(600 - 400);

            List<Long> left = new ArrayList<>();
            do {
                StepwiseRun run = rig.newRun();
                left.add(run.plan().left());
                run.all();
                Guarantees.noReaderSeesACountFall(rig);
                Guarantees.offsetsAreThoseOfTheState(rig);
            } while (left.get(left.size() - 1) > 0);

            assertThat(left).containsExactly(200L, 0L);
            Guarantees.holdAtTheEnd(rig);
            assertThat(rig.groupOffsets()).isEqualTo(rig.ends());
        }
    }

    @Test
    void aBudgetBelowOneRecordForEachPartitionLeavesTheOthersWaiting() {
        try (Rig rig = Rig.with(3, job -> job.withObject("/budget").put("records", 2))) {
            for (int partition = 0; partition < 3; partition++) {
                rig.send(partition, 0, 2);
            }

            RunPlan plan = rig.newRun().plan();

            assertThat(plan.ranges()).hasSize(2);
            assertThat(List.of(plan.left(), (long) plan.waiting())).containsExactly(4L, 1L);
            for (int run = 0; run < 3; run++) {
                rig.runAll();
            }
            Guarantees.holdAtTheEnd(rig);
        }
    }

    @Test
    void aFirstRunWeighsASampleAndLaterOnesWhatTheLastBatchHad() {
        try (Rig rig = Rig.with(2, job -> job.withObject("/budget").put("bytes", 100 * BYTES))) {
            rig.send(0, 0, 300);
            rig.send(1, 0, 20);

            RunPlan first = rig.newRun().plan();

            assertThat(lengths(first)).isEqualTo(Map.of(0, 80L, 1, 20L));
            assertThat(first.leftBy()).isEqualTo("budget.bytes " + 100 * BYTES);
            rig.runAll();
            // From here on records are ten times as large. The estimate lags by one run (docs).
            for (int i = 0; i < 400; i++) {
                rig.sendRaw(
                        1, (Reading.number(i).json() + " ".repeat((int) (9 * BYTES))).getBytes(StandardCharsets.UTF_8));
                rig.sent().get(1).add(Reading.number(i).json());
            }
            rig.flush();
            assertThat(lengths(rig.newRun().plan())).isEqualTo(Map.of(0, 50L, 1, 50L));
            rig.runAll();
            // 50 records of ten times the size; both partitions get the same number of offsets.
            assertThat(lengths(rig.newRun().plan()).get(1)).isBetween(9L, 10L);

            JobSpec unbounded = rig.jobWith(job -> job.remove("budget"));
            rig.newRun(unbounded, Checkpoints.NONE).all();
            Guarantees.holdAtTheEnd(rig);
            assertThat(rig.groupOffsets()).isEqualTo(rig.ends());
        }
    }

    @Test
    void aRecordThatIsHeavierThanTheBudgetIsTakenAlone() {
        try (Rig rig = Rig.with(2, job -> job.withObject("/budget").put("bytes", 1))) {
            rig.send(0, 0, 2);
            rig.send(1, 0, 1);

            assertThat(rig.newRun().plan().ranges()).containsExactly(new PartitionRange(0, 0, 1));
            for (int run = 0; run < 3; run++) {
                rig.runAll();
            }
            Guarantees.holdAtTheEnd(rig);
        }
    }

    @Test
    void whatLiesBehindAHoleIsNotMergedThoughItsFileHoldsWhatIs() throws Exception {
        try (Rig rig = Rig.with(2, job -> job.put("partitionsPerSlice", 2))) {
            rig.send(0, 0, 25);
            rig.sendRaw(0, "not a reading".getBytes(StandardCharsets.UTF_8));
            rig.send(0, 25, 30);
            rig.send(1, 0, 10);
            StepwiseRun run = rig.newRun();
            Staged whole = run.consume(0, 0, List.of(new PartitionRange(0, 0, 10)));
            Staged behind = run.consume(0, 1, List.of(new PartitionRange(0, 20, 31), new PartitionRange(1, 0, 10)));

            Staged kept =
                    new Staged(behind.hostQueue(), behind.ranges().subList(1, 2), behind.cells(), behind.deadLetters());
            assertThat(run.produce(0, run.aggregate(0, List.of(whole, kept))))
                    .extracting(PartitionVerdict::verdict, PartitionVerdict::through)
                    .containsExactly(tuple(Verdict.DONE, 10L), tuple(Verdict.DONE, 10L));
            run.commit();

            Guarantees.rowsAreThoseOf(
                    rig,
                    Map.of(0, rig.sent().get(0).subList(0, 10), 1, rig.sent().get(1)));
            assertThat(CommittedRecords.read(JobNames.deadLetterTopic(rig.output())))
                    .isEmpty();

            rig.runAll();
            Guarantees.holdAtTheEnd(rig);
            assertThat(CommittedRecords.read(JobNames.deadLetterTopic(rig.output())))
                    .hasSize(1);
            assertThat(rig.groupOffsets()).isEqualTo(rig.ends());
        }
    }

    private static Map<Integer, Long> lengths(RunPlan plan) {
        return plan.ranges().stream().collect(Collectors.toMap(PartitionRange::partition, PartitionRange::length));
    }
}
