package io.tidemark.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.testkit.Trials.Trial;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.opentest4j.TestAbortedException;

/**
 * The job of one trial of a fault suite, the records that it gets, the nominal times of its runs, and the judge of what
 * it writes. The trial's seed chooses the kind of job, so that each suite meets all of them; {@code
 * -Dtidemark.variant=both} makes all trials of that kind.
 */
public final class Workload implements AutoCloseable {
    /** Far apart, so that a run closes what the last one left open, and finds records of what it closed. */
    private static final int MOST_HOURS = 48;

    /** What a fault can meet besides the batch of a partition. */
    public enum Variant {
        /** Rows by partition; windows stay open. */
        PLAIN,
        /** Rows by partition; windows close. */
        CLOSING,
        /** Rows over all partitions, made in two stages; windows stay open. */
        TOPIC,
        /** Rows over all partitions, made in two stages; windows close. */
        BOTH;

        /** Returns the variant of a trial. */
        public static Variant of(Trial trial) {
            String all = System.getProperty("tidemark.variant");
            return all == null
                    ? values()[(int) (trial.seed() % values().length)]
                    : valueOf(all.toUpperCase(Locale.ROOT));
        }

        /** Returns whether windows close. */
        public boolean closes() {
            return this == CLOSING || this == BOTH;
        }

        /** Returns the change to a job that makes its rows those of this variant. */
        public Consumer<ObjectNode> rows() {
            return this == TOPIC || this == BOTH ? TopicScope.rows() : json -> {};
        }
    }

    private final Variant variant;
    private final Trial trial;
    private final Rig rig;
    /** The time of a job that closes windows, or null for another one. */
    private final @Nullable ClosingScene scene;

    private Workload(Variant variant, Trial trial, Rig rig, @Nullable ClosingScene scene) {
        this.variant = variant;
        this.trial = trial;
        this.rig = rig;
        this.scene = scene;
    }

    /** Returns the name of a row of the ledger: trials of one variant only have seeds of their own. */
    public static String row(String row) {
        String all = System.getProperty("tidemark.variant");
        return all == null ? row : row + " " + all.toLowerCase(Locale.ROOT);
    }

    /** Returns the workload of a trial on the shared broker, with changes to the job's JSON. */
    public static Workload of(Trial trial, int partitions, Consumer<ObjectNode> change) {
        return of(trial, Cluster.shared(), partitions, change);
    }

    /** The same in another cluster. */
    public static Workload of(Trial trial, Cluster cluster, int partitions, Consumer<ObjectNode> change) {
        Variant variant = Variant.of(trial);
        trial.did(variant.name().toLowerCase(Locale.ROOT));
        Consumer<ObjectNode> job = variant.rows().andThen(change);
        if (!variant.closes()) {
            return new Workload(variant, trial, Rig.with(cluster, partitions, Map.of(), job), null);
        }
        ClosingScene scene = ClosingScene.any(
                        trial, cluster, partitions, trial.random().nextInt(3) == 0, job)
                .at(1, 0);
        return new Workload(variant, trial, scene.rig(), scene);
    }

    public Rig rig() {
        return rig;
    }

    public Variant variant() {
        return variant;
    }

    /** Returns whether the job closes windows. */
    public boolean closes() {
        return scene != null;
    }

    /** Returns a writer that adds records at random, in this workload's time. */
    public InputWriter writer() {
        return new InputWriter(rig, trial.random(), this::timestamp);
    }

    /**
     * Sends readings of two or three days to each partition. If windows close, some partitions get nothing and are idle, but
     * never all.
     *
     * @return the number of readings
     */
    public long send(Random random) {
        long sent = 0;
        for (int partition = 0; partition < rig.partitionCount(rig.input()); partition++) {
            int from = random.nextInt(2_000);
            int many = 20 + random.nextInt(60);
            if (scene != null && partition > 0 && random.nextInt(4) == 0) {
                continue;
            }
            // One reading for every thirtieth minute, so that a partition has several days.
            List<Reading> readings = new ArrayList<>();
            for (int i = 0; i < many; i++) {
                readings.add(Reading.number(from + 30 * i));
            }
            Long timestamp = timestamp();
            if (timestamp == null) {
                rig.send(partition, readings);
            } else {
                for (Reading each : readings) {
                    rig.sendRaw(partition, timestamp, each.json().getBytes(StandardCharsets.UTF_8));
                }
            }
            sent += many;
        }
        rig.flush();
        return sent;
    }

    /** Moves this workload's time on, and returns it for a record; null for a job whose windows stay open. */
    public @Nullable Long timestamp() {
        if (scene == null) {
            return null;
        }
        scene.pass(Duration.ofMinutes(trial.random().nextInt(60)));
        return scene.now().toEpochMilli();
    }

    /**
     * Returns the nominal time of the next run, after everything that it must read was sent; null for the time at which it
     * starts.
     */
    public @Nullable Instant nextRun() {
        if (scene == null) {
            return null;
        }
        scene.pass(Duration.ofHours(trial.random().nextInt(MOST_HOURS)));
        trial.did("nominal time " + scene.now());
        scene.permit(scene.now());
        return scene.now();
    }

    /** Gives a run its nominal time. */
    public RunDriver timed(RunDriver run) {
        Instant nominal = nextRun();
        // Other records may come before an attempt at the plan is repeated.
        return nominal == null || scene == null ? run : run.at(nominal, () -> scene.permit(nominal));
    }

    /** Checks all guarantees after a successful run that has read everything. */
    public void holds() {
        if (scene == null) {
            Guarantees.holdAtTheEnd(rig);
        } else {
            scene.holds();
        }
        readEverything();
    }

    /**
     * Checks all guarantees, from the content of the input topic.
     *
     * @param observer has read the output since before the first run
     * @param repaired whether an operator has aborted a transaction that hung in the state
     */
    public void holds(Observer observer, boolean repaired) {
        if (scene == null) {
            Guarantees.holdForTheInput(rig, observer, repaired);
            return;
        }
        observer.end();
        if (repaired) {
            throw new TestAbortedException(
                    "rows can be committed where the state was not; their batch is then unknown");
        }
        scene.holds();
        readEverything();
    }

    private void readEverything() {
        assertThat(rig.groupOffsets())
                .as("offsets of the group, and where the input ends")
                .isEqualTo(rig.ends());
    }

    @Override
    public void close() {
        rig.close();
    }
}
