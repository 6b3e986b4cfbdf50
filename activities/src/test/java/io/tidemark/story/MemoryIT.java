package io.tidemark.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.job.JobSpec;
import io.tidemark.kafka.state.StateTopic;
import io.tidemark.run.FailureKind;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.PartitionVerdict;
import io.tidemark.run.PartitionVerdict.Verdict;
import io.tidemark.run.Staged;
import io.tidemark.run.TidemarkException;
import io.tidemark.step.Checkpoints;
import io.tidemark.step.WorkerMemory;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.StepwiseRun;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Memory depends on the number of groups and windows, not of records. If it is too small, a step fails with a message
 * before the heap is full.
 */
@Timeout(60)
class MemoryIT {
    private static final long MIB = 1024 * 1024;
    /** The memory of one partition's reader, and a little more. */
    private static final long LITTLE = 9 * MIB;

    private static final int RECORDS = 60_000;

    @Test
    void manyRecordsOfFewGroupsNeedNoMoreThanFew() {
        try (Rig rig = grouped()) {
            long bytes = send(rig, 0, RECORDS, 10);

            assertThat(bytes).isGreaterThan(LITTLE);
            assertThat(rig.newRun().within(new WorkerMemory(LITTLE)).all().verdicts())
                    .extracting(PartitionVerdict::verdict)
                    .containsExactly(Verdict.DONE);
        }
    }

    @Test
    void moreGroupsThanThereIsMemoryForAreRefusedForGoodWhereverTheyAreTooMany() throws Exception {
        try (Rig rig = grouped()) {
            send(rig, 0, RECORDS, RECORDS);
            WorkerMemory little = new WorkerMemory(LITTLE);
            PartitionRange all = new PartitionRange(0, 0, RECORDS);
            StepwiseRun run = rig.newRun();

            assertTooLittle(() -> rig.newRun().within(little).consume(0, 0, List.of(all)), rig);

            // A larger worker reads the halves; merged, they are too large for this one.
            WorkerMemory half = new WorkerMemory(12 * MIB);
            List<Staged> halves = new ArrayList<>();
            for (int from : new int[] {0, RECORDS / 2}) {
                halves.add(run.consume(0, halves.size(), List.of(new PartitionRange(0, from, from + RECORDS / 2))));
            }
            assertTooLittle(() -> run.within(half).aggregate(0, halves), rig);

            // Merged by a larger worker, they are too large for produce, which also needs memory for rows and state; it
            // has written nothing.
            Staged delta = run.within(WorkerMemory.ofHeap()).aggregate(0, halves);
            assertThat(run.within(half).produce(0, delta)).singleElement().satisfies(verdict -> {
                assertThat(verdict.verdict()).isEqualTo(Verdict.FAILED);
                assertThat(verdict.problem().kind()).isEqualTo(FailureKind.TOO_LITTLE_MEMORY);
                assertThat(verdict.through()).isZero();
            });
            assertThat(rig.history()).isEmpty();

            rig.runAll();
            assertThat(rig.rows()).hasSize(RECORDS);
        }
    }

    @Test
    void aWorkerWithLittleMemoryDoesInSmallBatchesWhatItCannotAtOnce() {
        try (Rig rig = grouped()) {
            send(rig, 0, RECORDS, RECORDS);
            WorkerMemory some = new WorkerMemory(15 * MIB);
            JobSpec job = rig.job();
            StepwiseRun run = rig.newRun(job, Checkpoints.NONE).within(some);

            // One window per batch: a batch needs memory for the windows that it touches.
            for (int from = 0; from < RECORDS; from += RECORDS / 6) {
                assertThat(run.chain(0, List.of(new PartitionRange(0, from, from + RECORDS / 6))))
                        .extracting(PartitionVerdict::verdict)
                        .containsExactly(Verdict.DONE);
            }

            assertThat(rig.rows()).hasSize(RECORDS);
        }
    }

    @Test
    void theReferencesToManyWindowsCountAndAPlanHoldsNoneOfThem() throws Exception {
        try (Rig rig = Rig.with(1, json -> {
            json.putObject("window").put("every", "1m");
            json.withObject("/output").remove("key");
        })) {
            for (int minute = 0; minute < 5_000; minute++) {
                sendAtMinute(rig, minute);
            }
            rig.flush();
            rig.runAll();
            sendAtMinute(rig, 0);
            rig.flush();
            assertThat(new StateTopic(rig.clients(), rig.stateTopic())
                            .readStable(List.of(0))
                            .get(0))
                    .satisfies(
                            progress -> assertThatThrownBy(progress::chunks).isInstanceOf(IllegalStateException.class));
            StepwiseRun run = rig.newRun();
            Staged delta = run.delta(0);

            assertTooLittle(() -> run.within(new WorkerMemory(300_000)).produce(0, delta), rig);

            assertThat(run.within(new WorkerMemory(700_000)).produce(0, delta))
                    .extracting(PartitionVerdict::verdict)
                    .containsExactly(Verdict.DONE);
        }
    }

    private static void sendAtMinute(Rig rig, int minute) {
        rig.sendRaw(
                0,
                "{\"datetime\":\"%02d/12/2006 %02d:%02d:00\",\"voltage\":240}"
                        .formatted(1 + minute / 1_440, minute / 60 % 24, minute % 60)
                        .getBytes(StandardCharsets.UTF_8));
    }

    private static void assertTooLittle(ThrowingCallable call, Rig rig) {
        assertThatThrownBy(call).isInstanceOfSatisfying(TidemarkException.class, failure -> {
            assertThat(failure.kind()).isEqualTo(FailureKind.TOO_LITTLE_MEMORY);
            assertThat(failure.getMessage()).contains(rig.input() + "[0]", "-Xmx", "fewer groups");
        });
    }

    private static Rig grouped() {
        return Rig.with(1, job -> {
            job.putArray("groupBy").add("g");
            job.withObject("/output").put("key", "{date}/{g}");
        });
    }

    /** Sends records of about 200 bytes, ten thousand per day; returns their total size in bytes. */
    private static long send(Rig rig, int partition, int records, int groups) {
        long bytes = 0;
        for (int i = 0; i < records; i++) {
            byte[] value = ("{\"datetime\":\"%02d/12/2006 16:52:00\",\"voltage\":240,\"g\":\"%d\"%s}")
                    .formatted(1 + i / 10_000, i % groups, " ".repeat(130))
                    .getBytes(StandardCharsets.UTF_8);
            bytes += value.length;
            rig.sendRaw(partition, value);
        }
        rig.flush();
        return bytes;
    }
}
