package io.tidemark.check;

import io.tidemark.job.JobSpec;
import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.run.FailureKind;
import io.tidemark.run.TidemarkException;
import io.tidemark.state.PlanIdentity;

/**
 * Keeps the steps of a run in the cluster that it was planned in. Topic ids would keep a stray worker from writing as well,
 * but it would wait for topics that are not there, fence a producer of the job that runs there, and speak of topics that
 * were created again.
 */
public final class SameCluster {
    private final KafkaClients clients;

    /** A check for a worker with these clients. */
    public SameCluster(KafkaClients clients) {
        this.clients = clients;
    }

    /**
     * Before anything is read or written.
     *
     * @throws TidemarkException OTHER_CLUSTER
     */
    public void require(JobSpec job, PlanIdentity planned) {
        String found = clients.clusterId();
        if (planned.clusterId() != null && found != null && !planned.clusterId().equals(found)) {
            throw new TidemarkException(
                    FailureKind.OTHER_CLUSTER,
                    "job " + job.name() + " was planned in the Kafka cluster " + planned.clusterId()
                            + ", and this worker's settings lead to the cluster " + found + " at "
                            + clients.bootstrapServers() + "; nothing was read or written there. Give all workers of"
                            + " the task queue the same cluster (bootstrap.servers) and run again");
        }
    }
}
