package io.tidemark.protocol;

import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.kafka.state.StateTopic;
import io.tidemark.kafka.transaction.FencingProducer;
import io.tidemark.kafka.transaction.UnsafeProducers;
import io.tidemark.run.PartitionVerdict;
import io.tidemark.run.PartitionVerdict.Verdict;
import io.tidemark.run.SliceRef;
import io.tidemark.run.StagedRange;
import io.tidemark.state.Mark;
import io.tidemark.state.PartitionProgress;
import io.tidemark.step.Checkpoints;
import io.tidemark.step.Checkpoints.Point;
import io.tidemark.step.ProduceStep;
import io.tidemark.step.Verdicts;
import io.tidemark.step.WorkerMemory;
import io.tidemark.testkit.Rig;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The protocol, and mutants of it that look correct at first sight. */
enum Variant {
    /** The protocol. */
    REAL {
        @Override
        ProduceStep step(Rig rig, Checkpoints points) {
            return new Step(rig, points);
        }
    },
    /** Skips ranges that are done, but does not compare the begin of a range with the stored progress. */
    BEGIN_NOT_COMPARED {
        @Override
        ProduceStep step(Rig rig, Checkpoints points) {
            return new Step(rig, points) {
                @Override
                protected @Nullable PartitionVerdict decide(
                        Verdicts made, StagedRange staged, @Nullable PartitionProgress stored) {
                    PartitionVerdict verdict = super.decide(made, staged, stored);
                    return verdict != null && verdict.verdict() == Verdict.STALE ? null : verdict;
                }
            };
        }
    },
    /** Fences, but does not read the state. */
    STATE_NOT_ASKED {
        @Override
        ProduceStep step(Rig rig, Checkpoints points) {
            return new Step(rig, points) {
                @Override
                protected @Nullable PartitionVerdict decide(
                        Verdicts made, StagedRange staged, @Nullable PartitionProgress stored) {
                    return null;
                }
            };
        }
    },
    /** Reads the state before the fence. */
    READ_BEFORE_FENCE {
        @Override
        ProduceStep step(Rig rig, Checkpoints points) {
            return new Step(rig, points) {
                @Override
                protected Map<Integer, PartitionProgress> fenceAndRead(
                        FencingProducer producer, StateTopic stateTopic, Map<Integer, Mark> planned) {
                    Map<Integer, PartitionProgress> read = stateTopic.readStableWithChunks(planned.keySet());
                    points.reached(Point.PRODUCE_AFTER_FENCE);
                    producer.fence();
                    return read;
                }
            };
        }
    },
    /**
     * Uses a transactional id for each attempt, and does not check the offsets of its records, which would detect it.
     */
    RANDOM_ID {
        @Override
        ProduceStep step(Rig rig, Checkpoints points) {
            return new Step(rig, points) {
                @Override
                protected FencingProducer newProducer(KafkaClients clients, SliceRef slice) {
                    return new FencingProducer(clients, "tidemark/random/" + UUID.randomUUID(), 2);
                }

                @Override
                protected Map<Integer, PartitionProgress> fenceAndRead(
                        FencingProducer producer, StateTopic stateTopic, Map<Integer, Mark> planned) {
                    producer.fence();
                    points.reached(Point.PRODUCE_AFTER_FENCE);
                    return stateTopic.readStableWithChunks(planned.keySet());
                }
            };
        }
    },
    /** Writes rows with keys, but without a transaction. */
    NO_TRANSACTION {
        @Override
        ProduceStep step(Rig rig, Checkpoints points) {
            return new Step(rig, points) {
                @Override
                protected FencingProducer newProducer(KafkaClients clients, SliceRef slice) {
                    return UnsafeProducers.withoutTransactions(rig.clientSettings());
                }
            };
        }
    };

    /** Returns its produce step with checkpoints. */
    abstract ProduceStep step(Rig rig, Checkpoints points);

    private static class Step extends ProduceStep {
        Step(Rig rig, Checkpoints points) {
            super(rig.clients(), rig.staging(), WorkerMemory.ofHeap(), points);
        }
    }
}
