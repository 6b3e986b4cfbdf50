package io.tidemark.testkit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.job.CloseSpec;
import io.tidemark.job.CloseSpec.By;
import io.tidemark.job.OutputSpec.Emit;
import io.tidemark.step.Checkpoints;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;

/**
 * The job of {@link Rig#voltage} with windows that close a day after their end, in a time of its own: day 0 is 23 December
 * 2006. Records have the timestamp of the scene's time, which only {@link #at} moves.
 */
public final class ClosingScene implements AutoCloseable {
    private static final Duration AFTER = Duration.ofDays(1);
    private static final Instant DAY_0 = Instant.parse("2006-12-23T00:00:00Z");

    private final Rig rig;
    private final ClosingJudge judge;
    private Instant now = DAY_0;

    private ClosingScene(Rig rig) {
        this.rig = rig;
        CloseSpec close = Objects.requireNonNull(rig.job().close());
        this.judge = new ClosingJudge(
                rig,
                AFTER,
                rig.job().window().span(),
                rig.job().output().emit() == Emit.FINAL,
                close.by() == By.EVENT_TIME);
    }

    /** Returns a scene on the shared broker; with {@code finalOnly} the job emits final rows only. */
    public static ClosingScene of(int partitions, boolean finalOnly, Consumer<ObjectNode> change) {
        return at(Cluster.shared(), partitions, finalOnly, change);
    }

    /** The same in another cluster. */
    public static ClosingScene at(Cluster cluster, int partitions, boolean finalOnly, Consumer<ObjectNode> change) {
        return new ClosingScene(Rig.with(cluster, partitions, Map.of(), json -> {
            json.putObject("close").put("after", "1d");
            if (finalOnly) {
                json.withObject("/output").put("emit", "final");
            }
            change.accept(json);
        }));
    }

    /**
     * Returns a scene whose job closes windows in a way that the trial chooses: by run or by event time, with all rows or
     * final rows only, all windows in one batch or one in each.
     *
     * @param hops whether windows overlap
     */
    public static ClosingScene any(
            Trials.Trial trial, Cluster cluster, int partitions, boolean hops, Consumer<ObjectNode> change) {
        Random random = trial.random();
        boolean finalOnly = random.nextBoolean();
        boolean byEventTime = random.nextInt(3) == 0;
        boolean oneByOne = random.nextBoolean();
        int span = hops ? 2 + random.nextInt(3) : 1;
        trial.did("closing" + (finalOnly ? ", final rows only" : "") + (byEventTime ? ", by event time" : "")
                + (oneByOne ? ", one window a batch" : "") + (hops ? ", windows of " + span + " days" : ""));
        return at(cluster, partitions, finalOnly, change.andThen(json -> {
            if (byEventTime) {
                json.withObject("/close").put("by", "eventTime").put("maxAhead", "30d");
            }
            if (oneByOne) {
                json.withObject("/limits").put("closeCells", 1);
            }
            if (hops) {
                span(span).accept(json);
            }
        }));
    }

    /** Changes a job so that its windows are some days, one ending with each day. */
    public static Consumer<ObjectNode> span(int days) {
        return json -> {
            json.withObject("/window").put("span", days);
            json.withObject("/output").put("key", "{window}");
        };
    }

    public Rig rig() {
        return rig;
    }

    public Instant now() {
        return now;
    }

    /** Moves the scene's time to an hour of a day; the day may be over 30 and the hour over 23. */
    public ClosingScene at(int day, int hour) {
        now = DAY_0.plus(Duration.ofDays(day)).plus(Duration.ofHours(hour));
        return this;
    }

    /** Moves the scene's time on. */
    public void pass(Duration time) {
        now = now.plus(time);
    }

    /** Sends readings of a day to a partition, one a minute. */
    public ClosingScene send(int partition, int day, int readings) {
        for (int i = 0; i < readings; i++) {
            Instant time = DAY_0.plus(Duration.ofDays(day)).plus(Duration.ofMinutes(i));
            String json = Reading.at(time, i).json();
            rig.sendRaw(partition, now.toEpochMilli(), json.getBytes(StandardCharsets.UTF_8));
        }
        rig.flush();
        return this;
    }

    /** Returns a run whose nominal time is the scene's time. */
    public StepwiseRun newRun() {
        return newRun(Checkpoints.NONE);
    }

    /** The same with checkpoints. */
    public StepwiseRun newRun(Checkpoints points) {
        permit(now);
        return rig.newRun(points).at(now);
    }

    /** Tells the judge, before a run is planned, that it may close windows by this time. */
    public void permit(Instant nominal) {
        judge.mayClose(nominal, covers(nominal));
    }

    /** A whole run at the scene's time. */
    public StepwiseRun runAll() {
        return newRun().all();
    }

    /** Checks all guarantees, after a run at the scene's time that has read everything. */
    public void holds() {
        judge.hold(now);
    }

    /** Returns by partition the first offset whose timestamp is that time or later, else the end of the log. */
    private Map<Integer, Long> covers(Instant nominal) {
        Map<Integer, Long> ends = rig.ends(rig.input(), IsolationLevel.READ_UNCOMMITTED);
        Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
        ends.keySet()
                .forEach(partition -> wanted.put(
                        new TopicPartition(rig.input(), partition), OffsetSpec.forTimestamp(nominal.toEpochMilli())));
        Map<Integer, Long> covers = new TreeMap<>(ends);
        Rig.get(rig.admin().listOffsets(wanted).all()).forEach((partition, found) -> {
            if (found.offset() >= 0) {
                covers.put(partition.partition(), found.offset());
            }
        });
        return covers;
    }

    @Override
    public void close() {
        rig.close();
    }
}
