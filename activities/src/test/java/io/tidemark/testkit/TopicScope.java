package io.tidemark.testkit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.job.JobNames;
import io.tidemark.kafka.state.StateTopic;
import io.tidemark.state.PartitionProgress;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;

/** What tests of jobs with rows over all input partitions need besides a {@link Rig}. */
public final class TopicScope {
    private TopicScope() {}

    /** Changes a job so that its rows are over all input partitions, in two output partitions. */
    public static Consumer<ObjectNode> rows() {
        return json -> {
            json.put("scope", "topic");
            json.withObject("/output").put("partitions", 2);
        };
    }

    /** Returns the stored progress of the stage of totals, by output partition. */
    public static Map<Integer, PartitionProgress> totals(Rig rig) {
        CommittedRecords.awaitMarkers(rig.admin());
        return new StateTopic(rig.clients(), JobNames.stateTopic(rig.job().totals()))
                .readStableWithChunks(IntStream.range(0, rig.job().output().partitions())
                        .boxed()
                        .toList());
    }

    /** Adds partitions to a topic, as an operator does. */
    public static void grow(Rig rig, String topic, int partitions) {
        Rig.get(rig.admin()
                .createPartitions(Map.of(topic, NewPartitions.increaseTo(partitions)))
                .all());
        while (rig.partitionCount(topic) < partitions) {
            Thread.onSpinWait();
        }
    }

    /** Removes the records of a partition before an offset, or all if it is -1, as an operator does. */
    public static void remove(Rig rig, String topic, int partition, long before) {
        Rig.get(rig.admin()
                .deleteRecords(Map.of(new TopicPartition(topic, partition), RecordsToDelete.beforeOffset(before)))
                .all());
    }
}
