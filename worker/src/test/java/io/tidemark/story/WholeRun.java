package io.tidemark.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.run.RunSummary;
import io.tidemark.testkit.Guarantees;
import io.tidemark.testkit.Reading;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.Trials;
import io.tidemark.testkit.Trials.Trial;
import io.tidemark.worker.TidemarkWorker;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** What the suites have in common in which something happens to the processes of a run at a random moment. */
final class WholeRun {
    private WholeRun() {}

    /** A job over so many partitions that makes Temporal notice within two seconds that somebody is gone. */
    static Rig rig(int partitions, int perSlice) {
        return Rig.with(partitions, job -> {
            job.put("partitionsPerSlice", perSlice);
            job.withObject("/limits").put("heartbeat", "1500ms").put("hostTimeout", "1s");
        });
    }

    /** Sends some readings of two or three days to each of so many partitions; returns how many in all. */
    static long send(Rig rig, int partitions, Random random) {
        long sent = 0;
        for (int partition = 0; partition < partitions; partition++) {
            int from = random.nextInt(2_000);
            int many = 20 + random.nextInt(60);
            // Every thirtieth minute, so that a partition has several days.
            List<Reading> readings = new ArrayList<>();
            for (int i = 0; i < many; i++) {
                readings.add(Reading.number(from + 30 * i));
            }
            rig.send(partition, readings);
            sent += many;
        }
        return sent;
    }

    /** Lets so much time go by; the moment of a fault, not a wait for anything. */
    static void pass(long millis) {
        long end = System.nanoTime() + millis * 1_000_000;
        for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    /** Everything that must hold after a run that has ended well, over all that was sent. */
    static void judge(Rig rig, RunSummary end) {
        assertThat(end.problems()).isEmpty();
        assertThat(end.failed()).isZero();
        Guarantees.holdAtTheEnd(rig);
        assertThat(rig.groupOffsets()).isEqualTo(rig.ends());
    }

    /** Stops workers without waiting for it: nobody needs them any more. */
    static void close(List<TidemarkWorker> workers) {
        workers.forEach(each -> new Thread(each::close, "close-worker").start());
    }

    /** Thousands of trials leave nothing in the broker. */
    static void forget(Rig rig) {
        Set<String> topics = Rig.get(rig.admin().listTopics().names());
        Rig.get(rig.admin()
                .deleteTopics(Stream.of(rig.input(), rig.output(), rig.stateTopic())
                        .filter(topics::contains)
                        .toList())
                .all());
    }

    /**
     * Makes a trial, and where the dev server's database got stuck meanwhile ({@link Scene#requireServer}) makes it once
     * more on a new server: that is no failure of ours. The record of the trial tells. It may be another lane that noticed,
     * and closed the old server.
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
            trial.did("the dev server's database was stuck, so again on a new one");
            body.run(trial);
        }
    }
}
