package io.tidemark.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.temporal.client.WorkflowStub;
import io.temporal.failure.ApplicationFailure;
import io.tidemark.check.OutputTopics;
import io.tidemark.check.WeakReplication;
import io.tidemark.embedded.Producers;
import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.kafka.client.RetryTimes;
import io.tidemark.run.FailureKind;
import io.tidemark.run.RunSummary;
import io.tidemark.settings.KafkaSettings;
import io.tidemark.testkit.Guarantees;
import io.tidemark.testkit.LifecycleSuite;
import io.tidemark.testkit.Reading;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.SharedBroker;
import io.tidemark.worker.Placement;
import io.tidemark.worker.TidemarkWorker;
import io.tidemark.worker.WorkerModule;
import io.tidemark.worker.WorkerSettings;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs while other programs have open transactions, wrong clocks, or topics with small limits. */
@LifecycleSuite
@Timeout(90)
@Execution(ExecutionMode.CONCURRENT)
class GuardedRunIT {
    private static final int PARTITIONS = 4;

    private static final KafkaSettings KAFKA =
            KafkaSettings.of(Map.of("bootstrap.servers", SharedBroker.get().bootstrapServers()));

    @TempDir
    Path staging;

    private final Scene scene = new Scene();

    private static KafkaProducer<byte[], byte[]> writer(Rig rig) {
        Properties settings = rig.clientSettings();
        settings.put("transactional.id", "writer-of-" + rig.input());
        var producer = Producers.ofBytes(settings);
        producer.initTransactions();
        producer.beginTransaction();
        for (int n = 10; n < 13; n++) {
            String json = Reading.number(n).json();
            var unused =
                    producer.send(new ProducerRecord<>(rig.input(), 0, null, json.getBytes(StandardCharsets.UTF_8)));
            rig.sent().get(0).add(json);
        }
        producer.flush();
        return producer;
    }

    @Test
    void aRunSaysHowMuchItCouldNotSee() {
        try (Rig rig = Rig.voltage(1);
                TidemarkWorker worker = scene.worker(staging)) {
            rig.send(0, 0, 10);
            try (var writer = writer(rig)) {
                RunSummary run = scene.run(rig.job());

                assertThat(List.of(run.offsetsDone(), run.heldBack())).containsExactly(10L, 3L);
                writer.commitTransaction();
            }
            // A commit returns before its markers are written, so wait until they can be seen.
            JobSpec waiting = rig.jobWith(json -> json.withObject("/input").put("openTransactions", "wait"));
            assertThat(scene.run(waiting).heldBack()).isZero();
            Guarantees.holdAtTheEnd(rig);
        }
    }

    @Test
    void aRunThatWaitsForATransactionEndsWithItsTimeAndNamesIt() {
        try (Rig rig = Rig.with(1, json -> {
                    json.withObject("/input").put("openTransactions", "wait");
                    json.withObject("/limits").put("time", "5s");
                });
                TidemarkWorker worker = impatientWorker()) {
            rig.send(0, 0, 10);
            try (var writer = writer(rig)) {
                ApplicationFailure failure = Scene.failure(scene.start(rig.job()));

                assertThat(failure.getType()).isEqualTo(FailureKind.TRANSACTION_OPEN.name());
                assertThat(failure.getOriginalMessage())
                        .contains("input.openTransactions: wait", rig.input() + "[0]", "writer-of-" + rig.input());
                writer.commitTransaction();
            }
            scene.run(rig.job());
            Guarantees.holdAtTheEnd(rig);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void aRecordThatIsTooLargeFailsItsPartitionAlone(int partitionsPerSlice) {
        try (Rig rig = Rig.with(PARTITIONS, json -> json.put("partitionsPerSlice", partitionsPerSlice));
                TidemarkWorker worker = scene.worker(staging)) {
            String deadLetters = JobNames.deadLetterTopic(rig.output());
            rig.create(deadLetters, PARTITIONS, Map.of("max.message.bytes", "50000"));
            byte[] large = new byte[200_000];
            new Random(7).nextBytes(large);
            rig.sendRaw(1, large);
            for (int partition = 0; partition < PARTITIONS; partition++) {
                rig.send(partition, 0, 10);
            }
            List<String> failing = rig.sent().remove(1);

            WorkflowStub run = scene.start(rig.job());

            assertThat(Scene.failure(run).getOriginalMessage())
                    .startsWith("1 of 4 partitions of " + rig.input() + " failed: 1. ")
                    .contains("RECORD_TOO_LARGE", deadLetters + "[1]: a record of 200000 bytes", "is 50000");
            Guarantees.rowsAreThoseOf(rig, rig.sent());
            Guarantees.offsetsAreThoseOfTheState(rig);

            rig.sent().put(1, failing);
            rig.configure(deadLetters, "max.message.bytes", "1000000");
            RunSummary next = scene.run(rig.job());
            assertThat(List.of(next.idle(), next.done(), next.failed())).containsExactly(3, 1, 0);
            Guarantees.holdAtTheEnd(rig);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {24, -24})
    void aWorkerWhoseClockIsWrongReadsLessAtMost(long hours) {
        try (Rig rig = Rig.with(1, json -> {
                    json.withObject("/limits").put("offsetsPerSplit", 10).put("offsetsPerPiece", 20);
                    json.putObject("budget").put("time", "1s");
                });
                TidemarkWorker worker = workerAt(Clock.offset(Clock.systemUTC(), Duration.ofHours(hours)))) {
            rig.send(0, 0, 30);

            RunSummary run;
            int runs = 0;
            do {
                run = scene.run(rig.job());
                assertThat(run.offsetsDone()).isPositive();
                Guarantees.noReaderSeesACountFall(rig);
                Guarantees.offsetsAreThoseOfTheState(rig);
                runs++;
            } while (run.left() > 0 && runs < 20);

            assertThat(run.left()).isZero();
            Guarantees.holdAtTheEnd(rig);
            assertThat(rig.groupOffsets()).isEqualTo(rig.ends());
        }
    }

    /** One that has looked for the transaction and failed well before the run's time is over. */
    private TidemarkWorker impatientWorker() {
        return TidemarkWorker.start(Scene.client(), new WorkerModule(settings(), KAFKA) {
            @Override
            protected KafkaClients kafkaClients() {
                return new KafkaClients(
                        KAFKA, Rig.READER, RetryTimes.DEFAULT.withOpenTransaction(Duration.ofSeconds(1)));
            }
        });
    }

    private TidemarkWorker workerAt(Clock clock) {
        return TidemarkWorker.start(Scene.client(), new WorkerModule(settings(), KAFKA) {
            @Override
            protected Clock clock() {
                return clock;
            }
        });
    }

    private WorkerSettings settings() {
        return new WorkerSettings(
                scene.taskQueue(),
                staging,
                2,
                2,
                Duration.ofSeconds(1),
                WorkerSettings.DEFAULT_STAGED_FOR,
                Rig.READER,
                OutputTopics.ANY,
                WeakReplication.WARN,
                Placement.LOCAL);
    }
}
