package io.tidemark.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.fold.InputRecord;
import io.tidemark.job.JobNames;
import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.kafka.client.RetryTimes;
import io.tidemark.kafka.input.InputReader;
import io.tidemark.kafka.input.RecordHandler;
import io.tidemark.kafka.transaction.FencingProducer;
import io.tidemark.run.Closing;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.PartitionVerdict;
import io.tidemark.run.PartitionVerdict.Verdict;
import io.tidemark.run.SliceRef;
import io.tidemark.run.Staged;
import io.tidemark.run.StagedRange;
import io.tidemark.run.TidemarkException;
import io.tidemark.state.Mark;
import io.tidemark.state.PartitionProgress;
import io.tidemark.state.ProgressCodec;
import io.tidemark.state.StateKeys;
import io.tidemark.state.UnreadableProgressException;
import io.tidemark.step.Checkpoints;
import io.tidemark.step.CommitStep;
import io.tidemark.step.ConsumeStep;
import io.tidemark.step.ProduceStep;
import io.tidemark.step.StepProgress;
import io.tidemark.step.Verdicts;
import io.tidemark.step.WorkerMemory;
import io.tidemark.testkit.ClosingScene;
import io.tidemark.testkit.Cluster;
import io.tidemark.testkit.Guarantees;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.StepwiseRun;
import io.tidemark.testkit.TopicScope;
import io.tidemark.testkit.Zombie;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Mutants of rows over all partitions, those of the table in docs/exactly-once.md that a real broker can show. Each test runs one
 * schedule twice: the real protocol survives it, the weaker variant does not.
 */
@Execution(ExecutionMode.CONCURRENT)
class WeakerScopeIT {
    private static Rig rig() {
        return Rig.with(2, TopicScope.rows());
    }

    /** The window of day 0 is due, and stage 2 closes it by the range that {@code planned} makes of what was planned. */
    private interface Planned {
        List<PartitionRange> ranges(int output, long through, List<PartitionRange> planned);
    }

    private static List<PartitionRange> asPlanned(int output, long through, List<PartitionRange> planned) {
        return planned;
    }

    private static List<PartitionRange> closingAnyway(int output, long through, List<PartitionRange> planned) {
        return List.of(new PartitionRange(
                output,
                through,
                planned.stream().mapToLong(PartitionRange::to).max().orElse(through),
                new Closing(Mark.NOTHING_CLOSED, ClosingIT.DAY_1.toEpochMilli())));
    }

    private static void finish(Rig rig, int output, StepwiseRun totals, Planned planned) {
        long through = TopicScope.totals(rig).get(output).through();
        totals.finish(output, planned.ranges(output, through, totals.slices().getOrDefault(output, List.of())));
    }

    private static void anOpenTransactionHidesPartialTotals(Planned planned) {
        RetryTimes times = Cluster.shared().retryTimes().withState(Duration.ofMillis(500));
        try (ClosingScene scene = ClosingScene.at(Cluster.shared().with(times), 2, true, TopicScope.rows());
                KafkaProducer<byte[], byte[]> other = ClosingIT.writer(scene.rig())) {
            Rig rig = scene.rig();
            scene.at(1, 2).send(0, 0, 5).runAll();
            int output = rig.rowPartition(0, "2006-12-23");
            other.initTransactions();
            other.beginTransaction();
            var unused = other.send(
                    new ProducerRecord<>(JobNames.partialsTopic(rig.job()), output, new byte[1], new byte[1]));
            other.flush();
            scene.at(1, 3).send(1, 0, 3).at(2, 2);
            StepwiseRun totals = scene.newRun().records().totals();

            finish(rig, output, totals, planned);

            other.abortTransaction();
            Guarantees.noTransactionIsOpenIn(rig, JobNames.partialsTopic(rig.job()));
            scene.runAll();
            scene.holds();
        }
    }

    @Test
    void closingARangeThatIsNotWholeWritesAFinalRowWithoutSomeOfItsRecords() {
        anOpenTransactionHidesPartialTotals(WeakerScopeIT::asPlanned);
        assertThatThrownBy(() -> anOpenTransactionHidesPartialTotals(WeakerScopeIT::closingAnyway))
                .isInstanceOfAny(AssertionError.class, TidemarkException.class);
    }

    private static void stage2IsPlannedBeforeStage1HasCommitted(Planned planned) {
        try (ClosingScene scene = ClosingScene.of(2, true, TopicScope.rows())) {
            scene.at(1, 2).send(0, 0, 5).runAll();
            scene.at(1, 3).send(1, 0, 3).at(2, 2);
            StepwiseRun run = scene.newRun();
            run.plan();

            finish(scene.rig(), scene.rig().rowPartition(0, "2006-12-23"), run.totals(), planned);

            run.records().totals().records();
            run.commit();
            scene.holds();
        }
    }

    @Test
    void closingWhatStage1HasNotAnnouncedWritesAFinalRowWithoutSomeOfItsRecords() {
        stage2IsPlannedBeforeStage1HasCommitted(WeakerScopeIT::asPlanned);
        assertThatThrownBy(() -> stage2IsPlannedBeforeStage1HasCommitted(WeakerScopeIT::closingAnyway))
                .isInstanceOfAny(AssertionError.class, TidemarkException.class);
    }

    /** As if leaders told the plan of stage 2 what was true before stage 1 had committed. */
    private static void stage2IsPlannedByOldAnswers(Planned planned) {
        try (ClosingScene scene = ClosingScene.of(1, true, TopicScope.rows())) {
            scene.at(1, 2).send(0, 0, 5).runAll();
            scene.at(1, 3).send(0, 0, 3).at(2, 2);
            StepwiseRun run = scene.newRun();
            StepwiseRun totals = run.totals();
            totals.plan();
            run.records();

            finish(scene.rig(), scene.rig().rowPartition(0, "2006-12-23"), totals, planned);

            scene.at(2, 3).runAll();
            scene.holds();
        }
    }

    @Test
    void closingBecauseStage1HasEndedWritesAFinalRowWithoutSomeOfItsRecords() {
        stage2IsPlannedByOldAnswers(WeakerScopeIT::asPlanned);
        assertThatThrownBy(() -> stage2IsPlannedByOldAnswers(WeakerScopeIT::closingAnyway))
                .isInstanceOfAny(AssertionError.class, TidemarkException.class);
    }

    private static void aPartitionJoinsAfterThePlanOfStage2(boolean comparesInputs) {
        try (ClosingScene scene = ClosingScene.of(1, true, TopicScope.rows())) {
            Rig rig = scene.rig();
            scene.at(1, 2).send(0, 0, 5).runAll();
            scene.at(2, 2).send(0, 0, 3);
            StepwiseRun old = scene.newRun().records().totals();
            old.plan();
            TopicScope.grow(rig, rig.input(), 2);
            scene.at(1, 3).send(1, 0, 4).at(2, 3);
            StepwiseRun joining = scene.newRun();
            joining.plan();

            old.slices().keySet().forEach(output -> {
                SliceRef slice = old.slice(output);
                new ProduceStep(rig.clients(), rig.staging(), WorkerMemory.ofHeap(), Checkpoints.NONE)
                        .produce(
                                comparesInputs
                                        ? slice
                                        : new SliceRef(
                                                slice.job(),
                                                slice.runId(),
                                                slice.identity().withInputs(2),
                                                slice.slice()),
                                old.delta(output),
                                StepProgress.NONE);
            });

            joining.all();
            scene.holds();
        }
    }

    @Test
    void closingWithoutAskingForTheNumberOfInputPartitionsWritesAFinalRowWithoutSomeOfItsRecords() {
        aPartitionJoinsAfterThePlanOfStage2(true);
        assertThatThrownBy(() -> aPartitionJoinsAfterThePlanOfStage2(false))
                .isInstanceOfAny(AssertionError.class, TidemarkException.class);
    }

    /** Requires that rows have as many records as the published offsets say. All records of these tests are good. */
    private static void publishedIsInRows(Rig rig) {
        long published =
                rig.groupOffsets().values().stream().mapToLong(each -> each).sum();
        assertThat(rig.rows().values().stream()
                        .mapToLong(row -> row.get("count").longValue())
                        .sum())
                .as("records in rows, of %s that are published", published)
                .isGreaterThanOrEqualTo(published);
    }

    private static void theRunCommitsOffsetsBeforeStage2(boolean compares) {
        try (Rig rig = rig()) {
            rig.send(0, TopicScopeIT.of(rig, 0, 5));
            StepwiseRun run = rig.newRun().records();

            new CommitStep(rig.clients(), rig.staging(), Checkpoints.NONE) {
                @Override
                protected boolean isInRows(PartitionProgress records, Map<Integer, PartitionProgress> totals) {
                    return !compares || super.isInRows(records, totals);
                }
            }.commit(rig.job(), run.runId(), run.slice(0).identity());

            publishedIsInRows(rig);
        }
    }

    @Test
    void publishingWithoutPartialsEndPublishesOffsetsOfRecordsThatAreInNoRow() {
        theRunCommitsOffsetsBeforeStage2(true);
        assertThatThrownBy(() -> theRunCommitsOffsetsBeforeStage2(false)).isInstanceOf(AssertionError.class);
    }

    /** A produce step of stage 1 that sends something else. */
    private static ProduceStep sending(Rig rig, Sent sent) {
        return new ProduceStep(rig.clients(), rig.staging(), WorkerMemory.ofHeap(), Checkpoints.NONE) {
            @Override
            protected FencingProducer newProducer(KafkaClients clients, SliceRef slice) {
                return new FencingProducer(clients, JobNames.sliceTransactionalId(slice.job(), slice.slice()), 4) {
                    private final Set<Integer> outputs = new HashSet<>();

                    @Override
                    public void send(
                            String topic,
                            int partition,
                            byte @Nullable [] key,
                            byte @Nullable [] value,
                            Map<String, byte[]> headers) {
                        boolean isPartial = topic.equals(JobNames.partialsTopic(slice.job()));
                        if (isPartial) {
                            outputs.add(partition);
                        }
                        super.send(
                                topic,
                                isPartial ? sent.partition(partition) : partition,
                                key,
                                key != null && StateKeys.isProgress(key) && value != null
                                        ? sent.progress(value, outputs)
                                        : value,
                                headers);
                    }
                };
            }
        };
    }

    private interface Sent {
        default int partition(int output) {
            return output;
        }

        default byte[] progress(byte[] value, Set<Integer> outputs) {
            return value;
        }
    }

    /** Keeps the ends of only those output partitions that the batch has something for. */
    private static final class Forgets implements Sent {
        @Override
        public byte[] progress(byte[] value, Set<Integer> outputs) {
            try {
                PartitionProgress progress = ProgressCodec.decode(value);
                List<Long> ends = new ArrayList<>(progress.partialsEnd());
                for (int output = 0; output < ends.size(); output++) {
                    if (!outputs.contains(output)) {
                        ends.set(output, 0L);
                    }
                }
                return ProgressCodec.encode(
                        progress.writing(ends, progress.windows().closedBefore()));
            } catch (UnreadableProgressException e) {
                throw new AssertionError(e);
            }
        }
    }

    private static void aBatchHasNothingForTheOutputPartitionThatIsBehind(Sent sent) {
        try (Rig rig = rig()) {
            rig.send(0, TopicScopeIT.of(rig, 1, 5));
            rig.newRun().records();
            rig.send(0, TopicScopeIT.of(rig, 0, 3));
            StepwiseRun run = rig.newRun().producingWith(sending(rig, sent)).records();
            StepwiseRun totals = run.totals();

            totals.finish(0, totals.slices().get(0));
            run.commit();

            publishedIsInRows(rig);
        }
    }

    @Test
    void forgettingTheEndOfOlderPartialTotalsPublishesOffsetsOfRecordsThatAreInNoRow() {
        aBatchHasNothingForTheOutputPartitionThatIsBehind(new Sent() {});
        assertThatThrownBy(() -> aBatchHasNothingForTheOutputPartitionThatIsBehind(new Forgets()))
                .isInstanceOf(AssertionError.class);
    }

    private static void aGroupIsInTwoInputPartitions(Sent sent) {
        try (Rig rig = rig()) {
            rig.send(0, TopicScopeIT.of(rig, 0, 5));
            rig.runAll();
            rig.send(1, TopicScopeIT.of(rig, 0, 3));
            StepwiseRun run = rig.newRun().producingWith(sending(rig, sent)).records();
            run.totals().records();
            run.commit();

            Guarantees.rowsAreThoseOf(rig, rig.sent());
        }
    }

    @Test
    void partialTotalsInAnyPartitionGiveAGroupTwoRows() {
        aGroupIsInTwoInputPartitions(new Sent() {});
        assertThatThrownBy(() -> aGroupIsInTwoInputPartitions(new Sent() {
                    @Override
                    public int partition(int output) {
                        return 1 - output;
                    }
                }))
                .isInstanceOf(AssertionError.class);
    }

    private static void aRunDiesBeforeStage2Commits(boolean removesWhatIsPlanned) {
        try (Rig rig = rig()) {
            rig.send(0, TopicScopeIT.of(rig, 0, 5));
            StepwiseRun totals = rig.newRun().records().totals();
            totals.delta(0);
            if (removesWhatIsPlanned) {
                TopicScope.remove(
                        rig,
                        JobNames.partialsTopic(rig.job()),
                        0,
                        totals.slices().get(0).get(0).to());
            }

            rig.newRun().plan();
            assertThat(rig.newRun(rig.job().totals(), Checkpoints.NONE).plan().problems())
                    .isEmpty();
            rig.runAll();
            Guarantees.holdAtTheEnd(rig);
        }
    }

    @Test
    void removingWhatIsOnlyPlannedLosesIt() {
        aRunDiesBeforeStage2Commits(false);
        assertThatThrownBy(() -> aRunDiesBeforeStage2Commits(true)).isInstanceOf(AssertionError.class);
    }

    private static void somebodyRemovesPartialTotalsAfterThePlan(boolean stops) {
        try (Rig rig = rig()) {
            rig.send(0, TopicScopeIT.of(rig, 0, 5));
            StepwiseRun run = rig.newRun().records();
            StepwiseRun totals = run.totals()
                    .producingWith(
                            new ProduceStep(rig.clients(), rig.staging(), WorkerMemory.ofHeap(), Checkpoints.NONE) {
                                @Override
                                protected @Nullable PartitionVerdict decide(
                                        Verdicts made, StagedRange staged, @Nullable PartitionProgress stored) {
                                    PartitionVerdict real = super.decide(made, staged, stored);
                                    return stops || real == null || real.verdict() != Verdict.FAILED ? real : null;
                                }
                            });
            totals.plan();
            TopicScope.remove(rig, JobNames.partialsTopic(rig.job()), 0, -1);

            totals.records();
            run.commit();

            publishedIsInRows(rig);
        }
    }

    @Test
    void continuingBehindAGapPublishesOffsetsOfRecordsThatAreInNoRow() {
        somebodyRemovesPartialTotalsAfterThePlan(true);
        assertThatThrownBy(() -> somebodyRemovesPartialTotalsAfterThePlan(false))
                .isInstanceOf(AssertionError.class);
    }

    /** Reads what is written, whether it is committed or not. */
    private static final class Uncommitted implements InputReader {
        @Override
        public List<Read> read(
                String topic,
                List<PartitionRange> ranges,
                Duration timeLimit,
                RecordHandler handler,
                Consumer<List<PartitionRange>> between) {
            Properties settings = Rig.client();
            settings.put("isolation.level", "read_uncommitted");
            List<Read> reads = new ArrayList<>();
            try (var consumer =
                    new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
                for (PartitionRange range : ranges) {
                    TopicPartition partition = new TopicPartition(topic, range.partition());
                    consumer.assign(List.of(partition));
                    consumer.seek(partition, range.from());
                    long records = 0;
                    while (consumer.position(partition) < range.to()) {
                        for (ConsumerRecord<byte[], byte[]> each : consumer.poll(Duration.ofSeconds(1))) {
                            InputRecord record = new InputRecord();
                            record.setPlace(range.partition(), each.offset(), each.timestamp());
                            record.setContent(ByteBuffer.wrap(each.key()), ByteBuffer.wrap(each.value()));
                            handler.record(record);
                            records++;
                        }
                    }
                    reads.add(new Read(range, -1, range.length() - records, -1, -1));
                }
            }
            return reads;
        }
    }

    private static void aSliceSleepsWithPartialTotalsThatAreNotCommitted(boolean readsCommitted) {
        try (Rig rig = rig()) {
            rig.send(0, TopicScopeIT.of(rig, 0, 5));
            StepwiseRun run = rig.newRun();
            Staged delta = run.delta(0);
            Zombie<?> zombie = run.asleepWithOpenTransaction(0, delta);
            StepwiseRun totals = run.totals();
            totals.plan();
            if (readsCommitted) {
                totals.records();
            } else {
                long from = TopicScope.totals(rig).get(0).through();
                long to = rig.ends(JobNames.partialsTopic(rig.job()), IsolationLevel.READ_UNCOMMITTED)
                        .get(0);
                totals.consumingWith(
                                new ConsumeStep(
                                        rig.clients(), rig.staging(), "host", WorkerMemory.ofHeap(), Checkpoints.NONE) {
                                    @Override
                                    protected InputReader reader() {
                                        return new Uncommitted();
                                    }
                                })
                        .chain(0, List.of(new PartitionRange(0, from, to)));
            }
            // The next run fences the slice, which aborts what it has sent, and reads its records again.
            rig.runAll();
            assertThat(zombie.wake()).isInstanceOf(TidemarkException.class);

            Guarantees.holdAtTheEnd(rig);
        }
    }

    @Test
    void readingPartialTotalsThatAreNotCommittedCountsRecordsTwice() {
        aSliceSleepsWithPartialTotalsThatAreNotCommitted(true);
        assertThatThrownBy(() -> aSliceSleepsWithPartialTotalsThatAreNotCommitted(false))
                .isInstanceOf(AssertionError.class);
    }
}
