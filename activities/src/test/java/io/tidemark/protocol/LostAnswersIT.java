package io.tidemark.protocol;

import io.tidemark.run.TidemarkException;
import io.tidemark.stage.StagedLostException;
import io.tidemark.step.Checkpoints;
import io.tidemark.testkit.Cluster;
import io.tidemark.testkit.FaultyProxy;
import io.tidemark.testkit.InputWriter;
import io.tidemark.testkit.Observer;
import io.tidemark.testkit.RunDriver;
import io.tidemark.testkit.RunDriver.Activity;
import io.tidemark.testkit.SharedBroker;
import io.tidemark.testkit.Trials;
import io.tidemark.testkit.Trials.Trial;
import io.tidemark.testkit.Workload;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.common.protocol.ApiKeys;
import org.junit.jupiter.api.Test;

/**
 * The broker executes a request, and its response is lost. Either the connection breaks and the client retries on
 * another one, or the network stays down until the attempt fails, and the next attempt must find out whether the
 * request was executed.
 */
class LostAnswersIT {
    private static final List<ApiKeys> OTHERS =
            List.of(ApiKeys.INIT_PRODUCER_ID, ApiKeys.PRODUCE, ApiKeys.TXN_OFFSET_COMMIT, ApiKeys.CREATE_TOPICS);
    private static final int MAX_RUNS = 30;

    @Test
    void aCommitWhoseAnswerIsLostCountsOnce() {
        Trials.of(Workload.row("R8"), LostAnswersIT.class, 5, 200)
                .inLanes(SharedBroker.PROXIES)
                .run(trial -> lose(trial, ApiKeys.END_TXN));
    }

    @Test
    void whateverOtherAnswerOfATransactionIsLostEachRecordCountsOnce() {
        Trials.of(Workload.row("R8 other answers"), LostAnswersIT.class, 4, 200)
                .inLanes(SharedBroker.PROXIES)
                .run(trial -> lose(trial, OTHERS.get((int) (trial.seed() % OTHERS.size()))));
    }

    private static void lose(Trial trial, ApiKeys request) {
        FaultyProxy proxy = SharedBroker.proxy(trial.lane());
        int partitions = 1 + trial.random().nextInt(3);
        int perSlice = 1 + trial.random().nextInt(2);
        // Only the first run creates topics. The admin client retries until the network is back.
        int nth = 1 + trial.random().nextInt(request == ApiKeys.CREATE_TOPICS ? 3 : 6);
        boolean thenDown = request != ApiKeys.CREATE_TOPICS && trial.random().nextBoolean();
        trial.did("answer " + nth + " to " + request + " lost" + (thenDown ? ", then down" : ""));
        try (Workload workload = Workload.of(
                        trial, Cluster.proxied(proxy), partitions, json -> json.put("partitionsPerSlice", perSlice));
                Observer observer = Observer.of(workload.rig());
                InputWriter writer = workload.writer()) {
            proxy.loseAnswer(request, nth, thenDown);
            for (int runs = 0; !proxy.answerLost(); runs++) {
                if (runs == MAX_RUNS) {
                    throw new AssertionError(
                            "no answer was lost in " + runs + " runs; is " + request + " asked at all?");
                }
                trial.did(writer.write());
                run(workload, trial, healing(proxy, trial));
            }
            writer.finish();
            run(workload, trial, RunDriver.patient(Duration.ofSeconds(30), Checkpoints.NONE));
            workload.holds(observer, false);
        } finally {
            proxy.heal();
        }
    }

    private static void run(Workload workload, Trial trial, RunDriver.Attempts attempts) {
        workload.timed(new RunDriver(workload.rig(), trial.random(), attempts)).run();
    }

    /** The network recovers after a failed attempt. */
    private static RunDriver.Attempts healing(FaultyProxy proxy, Trial trial) {
        return new RunDriver.Attempts() {
            @Override
            public <T> T until(String what, Activity<T> activity) throws StagedLostException {
                try {
                    return activity.attempt(Checkpoints.NONE);
                } catch (TidemarkException e) {
                    trial.did(what + " failed: " + e.kind());
                    if (!e.kind().retryable()) {
                        throw e;
                    }
                    // An attempt that a busy machine let fail has lost no answer yet, and heal() would forget which to
                    // lose.
                    if (proxy.answerLost()) {
                        proxy.heal();
                    }
                    return until(what, activity);
                }
            }
        };
    }
}
