package io.tidemark.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.job.JobCodec;
import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
import io.tidemark.job.form.InvalidJobException;
import java.util.Map;
import org.apache.kafka.clients.admin.OffsetSpec;

/** How far a job is behind its input by the offsets of its group: a few requests, however many partitions there are. */
final class GroupLag {
    private GroupLag() {}

    /**
     * Returns the lag of a job; null if its definition, its input or the offsets of its group are not there. {@code headroom}
     * is the smallest number of offsets between the start of a partition and its first unread record.
     */
    static JsonNode json(Topics topics, JsonNode definition) {
        JobSpec job;
        try {
            job = JobCodec.read(definition);
        } catch (InvalidJobException e) {
            return NullNode.getInstance();
        }
        String input = job.input().topic();
        int partitions = topics.partitions(input).orElse(0);
        Map<Integer, Long> read = topics.groupOffsets(JobNames.group(job), input);
        if (read.isEmpty() || partitions == 0) {
            return NullNode.getInstance();
        }
        Map<Integer, Long> begins = topics.offsets(input, partitions, OffsetSpec.earliest());
        Map<Integer, Long> ends = topics.offsets(input, partitions, OffsetSpec.latest());
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        long records = 0;
        int behind = 0;
        long headroom = Long.MAX_VALUE;
        for (int each = 0; each < partitions; each++) {
            long begin = begins.getOrDefault(each, 0L);
            long next = read.getOrDefault(each, begin);
            long unread = ends.getOrDefault(each, 0L) - Math.max(begin, next);
            if (unread > 0) {
                records += unread;
                behind++;
                if (next - begin < headroom) {
                    headroom = next - begin;
                    json.put("headroom", Math.max(0, headroom)).put("headroomPartition", each);
                }
            }
        }
        return json.put("records", records).put("partitionsBehind", behind);
    }
}
