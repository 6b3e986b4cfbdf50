package io.tidemark.check;

import io.tidemark.job.JobSpec;
import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.run.FailureKind;
import io.tidemark.run.TidemarkException;
import io.tidemark.state.PlanIdentity;

/**
 * Requires that all steps of a run use the cluster of its plan. The checks of topic ids would also keep a worker of
 * another cluster from writing, but before that it would wait for missing topics, fence the producer of a job with the
 * same name there, and report topics as created again.
 */
public final class SameCluster {
    private final KafkaClients clients;

    /** Creates a check for a worker with these clients. */
    public SameCluster(KafkaClients clients) {
        this.clients = clients;
    }

    /**
     * Must be called before a step reads or writes.
     *
     * @throws TidemarkException OTHER_CLUSTER
     */
    public void require(JobSpec job, PlanIdentity planned) {
        String found = clients.clusterId();
        if (planned.clusterId() != null && found != null && !planned.clusterId().equals(found)) {
            throw new TidemarkException(
                    FailureKind.OTHER_CLUSTER,
                    "job " + job.name() + " was planned in the Kafka cluster " + planned.clusterId()
                            + ", but this worker is connected to the cluster " + found + " at "
                            + clients.bootstrapServers()
                            + "; nothing was read or written there. Set bootstrap.servers of"
                            + " all workers of the task queue to the same cluster and start the run again");
        }
    }
}
