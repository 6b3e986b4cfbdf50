package io.tidemark.protocol;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.run.FailureKind;
import io.tidemark.run.Staged;
import io.tidemark.run.TidemarkException;
import io.tidemark.stage.StagedLostException;
import io.tidemark.step.Checkpoints.Point;
import io.tidemark.testkit.Baton;
import io.tidemark.testkit.Baton.Actor;
import io.tidemark.testkit.BrokerProcess;
import io.tidemark.testkit.ClosingScene;
import io.tidemark.testkit.Cluster;
import io.tidemark.testkit.Crash;
import io.tidemark.testkit.Guarantees;
import io.tidemark.testkit.InputWriter;
import io.tidemark.testkit.Observer;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.RunDriver;
import io.tidemark.testkit.RunDriver.Activity;
import io.tidemark.testkit.TopicScope;
import io.tidemark.testkit.Trials;
import io.tidemark.testkit.Trials.Trial;
import io.tidemark.testkit.Workload;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A schedule that follows from a seed. A writer adds records, some in transactions that commit, abort or stay open for
 * a while, and some bad records. Two to four runs follow each other; some begin before the last one has ended, some are
 * terminated and leave an attempt behind. At each point an attempt may crash, or freeze so that its run makes another
 * attempt, and resume at any later time, also after the last run. Results and staged files get lost. At the end, one
 * run without faults follows, and then the guarantees are checked.
 *
 * <p>Only one actor runs at a time ({@link Baton}), so the order of everything follows from the seed. Exceptions are
 * what the broker does by itself, such as writing markers after a commit, and an attempt that waits for the transaction
 * of its successor.
 */
final class Schedule {
    /**
     * Failures that others can cause; any other failure is a bug. KAFKA_UNAVAILABLE occurs if an attempt was fenced
     * before it reads the state, and then waits for its successor's transaction there.
     */
    private static final Set<FailureKind> BY_OTHERS =
            EnumSet.of(FailureKind.FENCED, FailureKind.STAGING_FAILED, FailureKind.KAFKA_UNAVAILABLE);

    /** Variants that do not fence would otherwise wait long for transactions that never end. */
    private static final Map<String, String> OF_A_VARIANT = Map.of("transaction.timeout.ms", "1000");

    private static final Duration LAST_RUN = Duration.ofSeconds(30);
    private static final int MAX_FAULTS = 8;
    private static final int MAX_MILLIS_TO_THAW = 500;
    private static final int UNLIMITED_TURNS = 1_000_000;

    private final Trial trial;
    private final Random random;
    private final Baton baton;
    private final Rig rig;
    private final Variant variant;
    /** One of them is frozen for a while. */
    private final List<BrokerProcess> brokers;
    /** Each has its own clients, with their own cached metadata. */
    private final List<Rig> workers = new ArrayList<>();

    private int faultsLeft;
    private int runs;
    /** Number of active runs, and of the actor that starts them. */
    private int atWork;

    private boolean writing = true;
    private boolean frozen;
    /** Frozen attempts that have not fenced yet. */
    private int asleep;
    /** Resumes the broker when an attempt that was frozen is about to read the state. */
    private @Nullable Runnable thaw;

    /** The time of a job with {@code close}, or null for one without. */
    private final @Nullable ClosingScene scene;

    private Schedule(Trial trial, Variant variant, Rig rig, @Nullable ClosingScene scene, List<BrokerProcess> brokers) {
        this.scene = scene;
        this.trial = trial;
        this.random = trial.random();
        this.baton = new Baton(random);
        this.rig = rig;
        this.variant = variant;
        this.brokers = brokers;
        this.faultsLeft = 2 + random.nextInt(MAX_FAULTS - 1);
    }

    /** Plays a trial with the protocol or with a weaker variant; throws if a guarantee is broken. */
    static void play(Trial trial, Variant variant) {
        play(trial, variant, Cluster.sharedWith(variant == Variant.REAL ? Map.of() : OF_A_VARIANT), List.of());
    }

    /**
     * The same on several brokers. One of them is frozen at some time and its leaders move; it resumes at any later
     * time and then answers with old data for a moment.
     */
    static void playOver(Trial trial, List<BrokerProcess> brokers) {
        Cluster cluster = Cluster.impatientAt(BrokerProcess.all(brokers));
        Workload.Variant kind = Workload.Variant.of(trial);
        if (kind.closes()) {
            playClosing(trial, Variant.REAL, cluster, brokers, trial.random().nextInt(3) == 0, kind.rows());
        } else {
            play(trial, Variant.REAL, cluster, brokers, kind.rows());
        }
    }

    private static void play(Trial trial, Variant variant, Cluster cluster, List<BrokerProcess> brokers) {
        play(trial, variant, cluster, brokers, json -> {});
    }

    private static void play(
            Trial trial, Variant variant, Cluster cluster, List<BrokerProcess> brokers, Consumer<ObjectNode> change) {
        int partitions = 1 + trial.random().nextInt(4);
        int perSlice = 1 + trial.random().nextInt(2);
        trial.did(partitions + " partitions, " + perSlice + " a slice");
        try (Rig rig = Rig.with(
                        cluster,
                        partitions,
                        Map.of(),
                        change.andThen(json -> json.put("partitionsPerSlice", perSlice)));
                Observer observer = Observer.of(rig)) {
            Schedule schedule = new Schedule(trial, variant, rig, null, brokers);
            try {
                schedule.play();
                BrokerProcess.await(brokers, brokers.size());
                Guarantees.holdForTheInput(rig, observer);
            } finally {
                // Each of them deletes the topics of all.
                schedule.workers.forEach(Rig::close);
            }
        }
    }

    /** The same for a job that closes windows, by run or by event time, with all rows or final rows only. */
    static void playClosing(Trial trial, Variant variant, Cluster cluster, List<BrokerProcess> brokers) {
        playClosing(trial, variant, cluster, brokers, false);
    }

    /** The same; with {@code hops} windows overlap. */
    static void playClosing(Trial trial, Variant variant, Cluster cluster, List<BrokerProcess> brokers, boolean hops) {
        playClosing(trial, variant, cluster, brokers, hops, json -> {});
    }

    /** Plays a trial of a job with rows over all partitions, which closes windows or does not. */
    static void playOverTheTopic(Trial trial) {
        Cluster cluster = Cluster.sharedWith(Map.of());
        int kind = trial.random().nextInt(4);
        if (kind == 0) {
            play(trial, Variant.REAL, cluster, List.of(), TopicScope.rows());
        } else {
            playClosing(trial, Variant.REAL, cluster, List.of(), kind == 1, TopicScope.rows());
        }
    }

    private static void playClosing(
            Trial trial,
            Variant variant,
            Cluster cluster,
            List<BrokerProcess> brokers,
            boolean hops,
            Consumer<ObjectNode> change) {
        int partitions = 1 + trial.random().nextInt(3);
        int perSlice = 1 + trial.random().nextInt(2);
        trial.did(partitions + " partitions, " + perSlice + " a slice");
        try (ClosingScene scene = ClosingScene.any(
                trial, cluster, partitions, hops, change.andThen(json -> json.put("partitionsPerSlice", perSlice)))) {
            Schedule schedule = new Schedule(trial, variant, scene.at(1, 0).rig(), scene, brokers);
            try {
                schedule.play();
                BrokerProcess.await(brokers, brokers.size());
                scene.holds();
            } finally {
                // Each of them deletes the topics of all.
                schedule.workers.forEach(Rig::close);
            }
        }
    }

    /** Gives a run its time; a job that closes windows has a time of its own, which passes between its runs. */
    private RunDriver timed(RunDriver run, int mostHours) {
        if (scene == null) {
            return run;
        }
        scene.pass(Duration.ofHours(random.nextInt(mostHours)));
        Instant nominal = scene.now();
        trial.did("nominal time " + nominal);
        return run.at(nominal, () -> scene.permit(nominal));
    }

    private @Nullable Long timestamp() {
        if (scene == null) {
            return null;
        }
        scene.pass(Duration.ofMinutes(random.nextInt(60)));
        return scene.now().toEpochMilli();
    }

    private void play() {
        try (InputWriter writer = new InputWriter(rig, random, this::timestamp)) {
            writer.write();
            atWork = 1;
            baton.add("operator", this::operate);
            baton.add("writer", self -> {
                for (int left = 2 + random.nextInt(6); left > 0; left--) {
                    self.sleep(random.nextInt(12));
                    trial.did("writer: " + writer.write());
                }
                if (frozen) {
                    // The frozen broker may have to write the markers.
                    self.await(() -> !frozen);
                }
                writer.finish();
                writing = false;
            });
            if (!brokers.isEmpty()) {
                baton.add("frost", this::freeze);
            }
            baton.play(() -> atWork == 0 && !writing);
        }
        boolean sleepersWakeLate = random.nextBoolean();
        if (!sleepersWakeLate) {
            baton.play(baton::allEnded);
        }
        if (!frozen) {
            // A plan that gets an old end of the input leaves the rest to the next run, but no run follows.
            BrokerProcess.await(brokers, brokers.size());
        }
        trial.did("last run");
        timed(new RunDriver(rig, random, RunDriver.patient(LAST_RUN, point -> {}), variant::step), 48)
                .run();
        if (sleepersWakeLate) {
            trial.did("sleepers wake");
            baton.play(baton::allEnded);
        }
    }

    /** Starts run after run, without waiting for the end of the last one. */
    private void operate(Actor self) {
        for (int left = 2 + random.nextInt(3); left > 0; left--) {
            Run run = new Run(++runs);
            atWork++;
            Actor actor = baton.add(run.name, run::work);
            if (random.nextInt(3) > 0) {
                self.await(actor::ended);
            } else {
                self.sleep(1 + random.nextInt(30));
                if (random.nextBoolean()) {
                    run.terminated = true;
                }
            }
        }
        atWork--;
    }

    /**
     * Freezes a broker and resumes it after its leaders have moved: at any time, or while an attempt that was frozen
     * meanwhile reads the state.
     */
    private void freeze(Actor self) {
        boolean anyTime = random.nextInt(4) == 0;
        if (anyTime) {
            self.sleep(random.nextInt(60));
        } else {
            self.await(() -> asleep > 0 || atWork == 0);
        }
        BrokerProcess broker =
                brokers.get(anyTime || asleep == 0 ? random.nextInt(brokers.size()) : leaderOfState() - 1);
        BrokerProcess.awaitInSync(brokers);
        trial.did("broker " + broker.bootstrapServers() + " is frozen");
        broker.freeze();
        frozen = true;
        BrokerProcess.await(brokers, brokers.size() - 1);
        trial.did("others lead");
        if (anyTime) {
            self.sleep(random.nextInt(60));
        } else {
            CompletableFuture<Void> thawed = new CompletableFuture<>();
            thaw = () -> CompletableFuture.runAsync(broker::thaw, Trials.later(random.nextInt(MAX_MILLIS_TO_THAW)))
                    .thenRun(() -> thawed.complete(null));
            self.await(() -> thaw == null || atWork == 0 && asleep == 0);
            if (thaw == null) {
                thawed.join();
            }
        }
        thaw = null;
        broker.thaw();
        trial.did("broker " + broker.bootstrapServers() + " is thawed");
        frozen = false;
    }

    /** Returns the leader of one of its partitions. The state exists, because an attempt is frozen before its fence. */
    private int leaderOfState() {
        return rig.leader(rig.stateTopic(), random.nextInt(rig.partitionCount(rig.stateTopic())));
    }

    /** Returns the worker of the next attempts. */
    private Rig worker() {
        if (brokers.isEmpty()) {
            return rig;
        }
        Rig worker = rig.elsewhere();
        workers.add(worker);
        return worker;
    }

    /** A run: the part of its workflow. */
    private final class Run implements RunDriver.Attempts {
        private final String name;
        private Rig worker = worker();
        private @Nullable Actor self;
        private boolean terminated;

        Run(int number) {
            this.name = "run " + number;
        }

        void work(Actor actor) {
            self = actor;
            trial.did(name + " begins");
            try {
                timed(new RunDriver(() -> worker, random, this, variant::step), 30)
                        .run();
                trial.did(name + " ends");
            } catch (Terminated e) {
                trial.did(name + " is terminated");
            }
            atWork--;
        }

        @Override
        public <T> T until(String what, Activity<T> activity) throws StagedLostException {
            while (true) {
                Attempt<T> attempt = new Attempt<>(this, what, activity);
                baton.addThatWaits(attempt.name, attempt::work);
                self.await(() -> attempt.over || terminated);
                if (terminated) {
                    throw new Terminated();
                }
                if (attempt.stagedLost != null) {
                    throw attempt.stagedLost;
                }
                T result = attempt.result;
                if (result != null && !fault(3)) {
                    maybeLose(result);
                    return result;
                }
                trial.did(attempt.name + " again");
            }
        }

        /** Like a cleanup of the disk, or a change of host. */
        private void maybeLose(Object result) {
            if (result instanceof Staged staged && fault(4)) {
                trial.did(name + " loses a staged file");
                try {
                    Files.deleteIfExists(
                            worker.staging().folder().resolve(staged.cells().name()));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }

    /** The workflow was terminated. */
    private static final class Terminated extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    /** An attempt at an activity, in its own worker. */
    private final class Attempt<T> {
        private final Run run;
        private final String name;
        private final Activity<T> activity;
        /** True if it has ended or Temporal has given it up. */
        private boolean over;

        private boolean slept;
        private @Nullable T result;
        private @Nullable StagedLostException stagedLost;

        Attempt(Run run, String what, Activity<T> activity) {
            this.run = run;
            this.name = run.name + " " + what;
            this.activity = activity;
        }

        void work(Actor self) {
            try {
                T made = activity.attempt(point -> {
                    self.rejoin();
                    reached(self, point);
                });
                self.rejoin();
                result = made;
            } catch (Crash e) {
                trial.did(name + ": " + e.getMessage());
            } catch (StagedLostException e) {
                self.rejoin();
                stagedLost = e;
            } catch (TidemarkException e) {
                self.rejoin();
                if (!BY_OTHERS.contains(e.kind())) {
                    throw e;
                }
                trial.did(name + " fails: " + e.kind());
            }
            over = true;
        }

        private void reached(Actor self, Point point) {
            Runnable soon = thaw;
            if (slept && point == Point.PRODUCE_AFTER_FENCE && soon != null) {
                // Its requests are then queued at the broker before the broker learns that it is no longer the leader.
                thaw = null;
                soon.run();
                return;
            }
            if (fault(4)) {
                throw Crash.now(point);
            } else if (fault(sleeps(point))) {
                boolean forLong = random.nextInt(3) == 0;
                // An operator may terminate a run that hangs; staged files of the attempt then stay.
                run.terminated |= random.nextInt(3) == 0;
                trial.did(name + " sleeps at " + point + (forLong ? " for long" : ""));
                over = true;
                slept = true;
                int early = point == Point.PRODUCE_BEFORE_FENCE ? 1 : 0;
                asleep += early;
                if (!brokers.isEmpty()) {
                    // A frozen host does not answer; its files and its clients' metadata remain.
                    run.worker = worker();
                }
                self.sleep(forLong ? UNLIMITED_TURNS : 1 + random.nextInt(60));
                asleep -= early;
                trial.did(name + " wakes");
            } else if (random.nextInt(3) == 0) {
                self.pass();
            }
        }
    }

    /** Percentage of frozen attempts; higher at the critical points of the protocol. */
    private static int sleeps(Point point) {
        if (point == Point.PRODUCE_AFTER_FENCE) {
            return 30;
        }
        return point.name().startsWith("PRODUCE") ? 10 : 4;
    }

    /** Returns true in {@code ofHundred} percent of the calls, until the trial's limit of faults. */
    private boolean fault(int ofHundred) {
        if (faultsLeft > 0 && random.nextInt(100) < ofHundred) {
            faultsLeft--;
            return true;
        }
        return false;
    }
}
