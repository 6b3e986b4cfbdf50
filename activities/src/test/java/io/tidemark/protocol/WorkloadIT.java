package io.tidemark.protocol;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.kafka.transaction.FencingProducer;
import io.tidemark.run.SliceRef;
import io.tidemark.step.Checkpoints;
import io.tidemark.step.ProduceStep;
import io.tidemark.step.WorkerMemory;
import io.tidemark.testkit.Cluster;
import io.tidemark.testkit.Observer;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.RunDriver;
import io.tidemark.testkit.Trials;
import io.tidemark.testkit.Trials.Trial;
import io.tidemark.testkit.Workload;
import io.tidemark.testkit.Workload.Variant;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The judge of the fault suites notices what is wrong, in each variant of the job; otherwise their trials would prove little. */
@Execution(ExecutionMode.CONCURRENT)
class WorkloadIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Totals whose partial totals are in another partition never become complete, and their run never ends. */
    private static final Duration UNTIL_STUCK = Duration.ofSeconds(5);

    /** Not each workload has late records and final rows; so many of a variant always have them. */
    private static final int ENOUGH = 10;

    /** A record that a run writes in another way than it should. */
    private enum Wrong {
        ROWS(Set.of(Variant.values())) {
            @Override
            String topic(JobSpec job, String topic, Map<String, byte[]> headers) {
                return topic.equals(job.output().topic()) ? JobNames.deadLetterTopic(topic) : topic;
            }
        },
        FINAL_ROWS(Set.of(Variant.CLOSING, Variant.BOTH)) {
            @Override
            String topic(JobSpec job, String topic, Map<String, byte[]> headers) {
                return headers.containsKey("tidemark.final") ? JobNames.deadLetterTopic(topic) : topic;
            }
        },
        LATE_RECORDS(Set.of(Variant.CLOSING, Variant.BOTH)) {
            @Override
            Map<String, byte[]> headers(Map<String, byte[]> headers) {
                Map<String, byte[]> without = new HashMap<>(headers);
                without.remove("tidemark.reason");
                return without;
            }
        },
        PARTIAL_TOTALS(Set.of(Variant.TOPIC, Variant.BOTH)) {
            @Override
            int partition(JobSpec job, String topic, int partition) {
                return topic.equals(JobNames.partialsTopic(job)) ? 1 - partition : partition;
            }
        };

        private final Set<Variant> variants;

        Wrong(Set<Variant> variants) {
            this.variants = variants;
        }

        String topic(JobSpec job, String topic, Map<String, byte[]> headers) {
            return topic;
        }

        int partition(JobSpec job, String topic, int partition) {
            return partition;
        }

        Map<String, byte[]> headers(Map<String, byte[]> headers) {
            return headers;
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatIsWrittenAsThePagesSayIsJudgedToBeRight(Variant variant) {
        play(seed(variant, 1), null);
    }

    @ParameterizedTest
    @EnumSource
    void whatIsWrittenInAnotherWayIsNoticed(Wrong wrong) {
        for (Variant variant : wrong.variants) {
            assertThatThrownBy(() -> {
                        for (int nth = 1; nth <= ENOUGH; nth++) {
                            play(seed(variant, nth), wrong);
                        }
                    })
                    .as("%s of %s", wrong, variant)
                    .isInstanceOf(AssertionError.class);
        }
    }

    private static long seed(Variant variant, int nth) {
        return variant.ordinal() + (long) nth * Variant.values().length;
    }

    private static void play(long seed, @Nullable Wrong wrong) {
        Trial trial = Trials.trial(seed);
        try (Workload workload = Workload.of(trial, Cluster.shared(), 2, json -> {});
                Observer observer = Observer.of(workload.rig())) {
            for (int run = 0; run < 2; run++) {
                workload.send(trial.random());
                workload.timed(new RunDriver(
                                workload.rig(),
                                trial.random(),
                                RunDriver.patient(
                                        wrong == Wrong.PARTIAL_TOTALS ? UNTIL_STUCK : PATIENCE, Checkpoints.NONE),
                                (rig, points) -> writing(rig, points, wrong)))
                        .run();
            }
            workload.holds(observer, false);
        }
    }

    private static ProduceStep writing(Rig rig, Checkpoints points, @Nullable Wrong wrong) {
        return new ProduceStep(rig.clients(), rig.staging(), WorkerMemory.ofHeap(), points) {
            @Override
            protected FencingProducer newProducer(KafkaClients clients, SliceRef slice) {
                FencingProducer real = super.newProducer(clients, slice);
                if (wrong == null) {
                    return real;
                }
                real.close();
                return new FencingProducer(clients, JobNames.sliceTransactionalId(slice.job(), slice.slice()), 4) {
                    @Override
                    public void send(
                            String topic,
                            int partition,
                            byte @Nullable [] key,
                            byte @Nullable [] value,
                            Map<String, byte[]> headers) {
                        super.send(
                                wrong.topic(rig.job(), topic, headers),
                                wrong.partition(rig.job(), topic, partition),
                                key,
                                value,
                                wrong.headers(headers));
                    }
                };
            }
        };
    }
}
