package io.tidemark.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.temporal.client.WorkflowStub;
import io.tidemark.embedded.Producers;
import io.tidemark.run.RunSummary;
import io.tidemark.state.Mark;
import io.tidemark.testkit.Guarantees;
import io.tidemark.testkit.Reading;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.Trials;
import io.tidemark.testkit.Trials.Trial;
import io.tidemark.testkit.Workload;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs a job repeatedly while a writer commits and aborts transactions, and workers are killed and replaced. One worker
 * runs all the time; neither its memory nor its open files may grow.
 *
 * <p>Takes 20 seconds in each build, ten minutes with {@code -Pfaults}, and any time with {@code -Dfaults.soak}, for example
 * {@code -Dfaults.soak=PT24H}, or {@code -Dfaults.soak=PT2H -Dfaults.trials=1} until the ledger has a day.
 */
class SoakIT {
    private static final int PARTITIONS = 4;
    private static final Duration DAY = Duration.ofDays(1);

    @TempDir
    Path folder;

    @Test
    void runAfterRunNothingIsLostAndNothingGrows() {
        String asked = System.getProperty("faults.soak");
        Duration time =
                Duration.parse(asked != null ? asked : Boolean.getBoolean("tidemark.faults") ? "PT10M" : "PT20S");
        // Enough trials for a day in total, because a machine may not be available for a day at once.
        int full = asked == null ? 1 : (int) Math.max(1, DAY.dividedBy(time));
        Trials.of(Workload.row(asked != null ? "R11 " + asked : "R11"), SoakIT.class, 1, full)
                .run(trial -> WholeRun.onAServerThatAnswers(trial, each -> soak(each, time)));
    }

    private void soak(Trial trial, Duration time) throws Exception {
        Scene scene = new Scene();
        try (Workload workload = workload(trial);
                Writer writer = new Writer(workload, trial.seed());
                WorkerProcess longLiving = ProductionWorker.start(folder, scene, folder.resolve("long-living"))) {
            Growth heap = new Growth("bytes of heap in use after a collection", 8 * 1024 * 1024);
            Growth files = new Growth("open files", 10);
            try (JvmWatch watch = JvmWatch.of(longLiving.pid())) {
                runs(trial, time, scene, writer, () -> {
                    heap.add(watch.heapInUse());
                    files.add(watch.openFiles());
                });
            }
            writer.stop();
            RunSummary last = scene.run(workload);

            trial.did(writer + "; " + heap + "; " + files);
            assertThat(last.problems()).isEmpty();
            if (workload.closes()) {
                workload.holds();
                List<Long> closedBefore = workload.rig().progress().values().stream()
                        .map(each -> each.mark().closedBefore())
                        .toList();
                trial.did("closed before " + Instant.ofEpochMilli(Collections.min(closedBefore)));
                assertThat(closedBefore).doesNotContain(Mark.NOTHING_CLOSED);
            } else {
                Rig rig = workload.rig();
                Guarantees.noReaderSeesACountFall(rig);
                Guarantees.rowsAreThoseOf(rig, writer.committed);
                Guarantees.offsetsAreThoseOfTheState(rig);
                assertThat(rig.groupOffsets()).isEqualTo(rig.ends());
            }
            heap.check();
            files.check();
        }
    }

    private static Workload workload(Trial trial) {
        return Workload.of(
                trial,
                PARTITIONS,
                job -> job.withObject("/limits").put("heartbeat", "1500ms").put("hostTimeout", "1s"));
    }

    /** Runs the job repeatedly; each run must succeed. Every fifth run loses a worker, which is replaced. */
    private void runs(Trial trial, Duration time, Scene scene, Writer writer, Runnable afterEach) throws IOException {
        // Every minute in a trial of a day, every two seconds in a trial of 20 seconds.
        long every = Math.max(2_000, Math.min(60_000, time.toMillis() / 30));
        int runs = 0;
        WorkerProcess victim = victim(scene);
        try {
            long start = System.nanoTime();
            // However slow the machine is, one worker is lost.
            for (long millis = 0;
                    millis < time.toMillis() || runs < 6;
                    millis = (System.nanoTime() - start) / 1_000_000) {
                WholeRun.pass(Math.max(0, runs * every - millis));
                WorkflowStub run = writer.startBetweenTransactions(scene);
                if (runs % 5 == 4) {
                    WholeRun.pass(trial.random().nextInt(1_000));
                    victim.kill();
                    victim = victim(scene);
                }
                assertThat(Scene.result(run).problems())
                        .as("problems of run %s", runs)
                        .isEmpty();
                runs++;
                afterEach.run();
            }
        } finally {
            victim.close();
        }
        trial.did(runs + " runs, " + runs / 5 + " workers killed");
    }

    /** A value that fluctuates but must not grow. */
    private static final class Growth {
        private final String what;
        private final long slack;
        private final List<Long> samples = new ArrayList<>();

        Growth(String what, long slack) {
            this.what = what;
            this.slack = slack;
        }

        void add(long sample) {
            samples.add(sample);
        }

        /** Checks that the median of the second half is at most 1.25 times that of the first, plus {@code slack}. */
        void check() {
            assertThat(secondHalf()).as("%s: %s", what, samples).isLessThanOrEqualTo(firstHalf() * 5 / 4 + slack);
        }

        private long firstHalf() {
            return median(samples.subList(0, samples.size() / 2));
        }

        private long secondHalf() {
            return median(samples.subList(samples.size() / 2, samples.size()));
        }

        private static long median(List<Long> some) {
            return some.stream().sorted().skip(some.size() / 2).findFirst().orElseThrow();
        }

        @Override
        public String toString() {
            return what + ": median " + firstHalf() + " in the first half, " + secondHalf() + " in the second";
        }
    }

    /** Starts a worker to be killed, always with the same staging folder. */
    private WorkerProcess victim(Scene scene) throws IOException {
        return ReadyWorker.start(folder, Scene.temporal(), scene.taskQueue(), folder.resolve("victim"));
    }

    /**
     * Writes about 20 readings a second in transactions, and aborts about every fourth. If windows close, the readings are of
     * the two days before the workload's time, so some are late.
     */
    private static final class Writer implements AutoCloseable {
        private final Workload workload;
        /** Fair, because the writer wants its next turn at once. */
        private final Lock turn = new ReentrantLock(true);

        private final Map<Integer, List<String>> committed = new TreeMap<>();
        private final CompletableFuture<Void> end;
        private volatile boolean stopped;
        private int transactions;
        private int aborted;

        Writer(Workload workload, long seed) {
            this.workload = workload;
            Random random = new Random(seed);
            end = CompletableFuture.runAsync(() -> {
                Properties settings = Rig.client();
                settings.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, "writer-" + UUID.randomUUID());
                try (KafkaProducer<byte[], byte[]> producer = Producers.ofBytes(settings)) {
                    producer.initTransactions();
                    while (!stopped) {
                        turn.lock();
                        try {
                            transaction(producer, random);
                        } finally {
                            turn.unlock();
                        }
                    }
                }
            });
        }

        /**
         * Starts a run between two transactions. No record that becomes visible later has an earlier time than the run, so the
         * run can close windows.
         */
        WorkflowStub startBetweenTransactions(Scene scene) {
            turn.lock();
            try {
                return scene.start(workload);
            } finally {
                turn.unlock();
            }
        }

        /** Sends a record with the workload's time, and returns its value. */
        private String send(KafkaProducer<byte[], byte[]> producer, int partition, Random random) {
            Long now = workload.timestamp();
            String value = (now == null
                            ? Reading.number(random.nextInt(12_000))
                            : Reading.at(
                                    Instant.ofEpochMilli(now).minus(Duration.ofMinutes(random.nextInt(2_880))),
                                    random.nextInt(12_000)))
                    .json();
            var unused = producer.send(new ProducerRecord<>(
                    workload.rig().input(), partition, now, null, value.getBytes(StandardCharsets.UTF_8)));
            return value;
        }

        private void transaction(KafkaProducer<byte[], byte[]> producer, Random random) {
            Map<Integer, List<String>> values = new HashMap<>();
            int many = 1 + random.nextInt(20);
            producer.beginTransaction();
            for (int i = 0; i < many; i++) {
                int partition = random.nextInt(PARTITIONS);
                String value = send(producer, partition, random);
                values.computeIfAbsent(partition, p -> new ArrayList<>()).add(value);
            }
            // Keep the transaction open for a while, so that runs overlap with it.
            WholeRun.pass(50L * many);
            transactions++;
            if (random.nextInt(4) == 0) {
                aborted++;
                producer.abortTransaction();
            } else {
                producer.commitTransaction();
                values.forEach((partition, each) -> committed
                        .computeIfAbsent(partition, p -> new ArrayList<>())
                        .addAll(each));
            }
        }

        @Override
        public String toString() {
            return transactions + " transactions of the writer, " + aborted + " of them aborted";
        }

        /** Stops after the current transaction. Throws the exception of the writer, if any. */
        void stop() throws Exception {
            stopped = true;
            end.get(1, TimeUnit.MINUTES);
        }

        @Override
        public void close() {
            stopped = true;
            end.handle((done, failure) -> null).join();
        }
    }
}
