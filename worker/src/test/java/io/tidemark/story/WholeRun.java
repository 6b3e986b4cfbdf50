package io.tidemark.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.run.RunSummary;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.Trials;
import io.tidemark.testkit.Trials.Trial;
import io.tidemark.testkit.Workload;
import io.tidemark.worker.TidemarkWorker;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/** Shared by the suites that inject a fault at a random moment of a run. */
final class WholeRun {
    private WholeRun() {}

    /** Returns a job with short timeouts, so that Temporal detects a dead worker within two seconds. */
    static Workload of(Trial trial, int partitions, int perSlice) {
        return Workload.of(trial, partitions, job -> {
            job.put("partitionsPerSlice", perSlice);
            job.withObject("/limits").put("heartbeat", "1500ms").put("hostTimeout", "1s");
        });
    }

    /** Sleeps for a random time that determines the moment of a fault; does not wait for a condition. */
    static void pass(long millis) {
        long end = System.nanoTime() + millis * 1_000_000;
        for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    /** Checks everything that must hold after a successful run over all sent records. */
    static void judge(Workload workload, RunSummary end) {
        assertThat(end.problems()).isEmpty();
        assertThat(end.failed()).isZero();
        workload.holds();
    }

    /** Stops workers in the background. */
    static void close(List<TidemarkWorker> workers) {
        workers.forEach(each -> new Thread(each::close, "close-worker").start());
    }

    /** Deletes the topics and groups of a trial, so that thousands of trials do not fill the broker. */
    static void forget(Rig rig) {
        Set<String> topics = Rig.get(rig.admin().listTopics().names());
        Rig.get(rig.admin()
                .deleteTopics(topics.stream()
                        .filter(each -> each.equals(rig.input())
                                || each.equals(rig.output())
                                || each.startsWith("tidemark." + rig.job().name() + "."))
                        .toList())
                .all());
    }

    /**
     * Runs a trial. If the database of the dev server got stuck meanwhile ({@link Scene#requireServer}), which is not a
     * failure of Tidemark, repeats it on a new server and notes that in the record of the trial. Another lane may have
     * noticed it first and closed the old server.
     */
    static void onAServerThatAnswers(Trial trial, Trials.Body body) throws Exception {
        Scene.requireServer();
        String server = Scene.temporal();
        try {
            body.run(trial);
        } catch (Exception | AssertionError e) {
            if (Scene.answers() && Scene.temporal().equals(server)) {
                throw e;
            }
            trial.did("repeated on a new server, because the database of the dev server was stuck");
            body.run(trial);
        }
    }
}
