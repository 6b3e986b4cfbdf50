package io.tidemark.step;

import io.tidemark.aggregate.CellLayout;
import io.tidemark.aggregate.OwnAggregates;
import io.tidemark.job.JobSpec;
import io.tidemark.kafka.state.StateTopic;
import io.tidemark.run.FailureKind;
import io.tidemark.state.ChunkCodec;
import io.tidemark.state.ChunkRef;
import io.tidemark.state.PartitionProgress;
import io.tidemark.state.UnreadableChunkException;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * Checks before a run that the plugins can add to what the job has stored. The version of a plugin is not in the fingerprint of
 * the job, but in the stored totals themselves.
 */
public final class StoredAggregates {
    private StoredAggregates() {}

    /**
     * Fails as the run would, with {@link FailureKind#STATE_UNREADABLE}, if the stored totals are those of another version of a
     * plugin. Does nothing for a job without such aggregates, or without their code. Looks at one chunk, that of the last window:
     * each run is checked before it writes, so all chunks are of the same version.
     */
    public static void requireSameVersions(JobSpec job, StateTopic stateTopic, Collection<Integer> partitions) {
        if (!OwnAggregates.areBoundIn(job)) {
            return;
        }
        ChunkCodec codec = new ChunkCodec(CellLayout.of(job));
        for (int partition : partitions) {
            PartitionProgress progress =
                    stateTopic.readStableWithChunks(List.of(partition)).get(partition);
            if (progress != null && !progress.chunks().isEmpty()) {
                ChunkRef newest = progress.chunks().get(progress.chunks().size() - 1);
                stateTopic.readChunks(
                        Map.of(partition, List.of(newest)),
                        (read, ref, bytes) -> require(codec, stateTopic.name(), read, ref, bytes));
                return;
            }
        }
    }

    private static void require(ChunkCodec codec, String topic, int partition, ChunkRef ref, byte[] bytes) {
        try {
            codec.requireSameLayout(bytes);
        } catch (UnreadableChunkException e) {
            throw StateTopic.unreadable(topic, partition, ref, e);
        }
    }
}
