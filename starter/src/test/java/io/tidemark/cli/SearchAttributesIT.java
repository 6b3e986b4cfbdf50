package io.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.temporal.api.enums.v1.EventType;
import io.temporal.api.operatorservice.v1.OperatorServiceGrpc;
import io.temporal.api.operatorservice.v1.RemoveSearchAttributesRequest;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowStub;
import io.temporal.common.SearchAttributes;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import io.temporal.worker.Worker;
import io.temporal.worker.WorkerFactory;
import io.tidemark.embedded.TemporalServer;
import io.tidemark.temporal.NamespaceAttributes;
import io.tidemark.workflow.KafkaBatchWorkflow;
import io.tidemark.workflow.RunAttributes;
import io.tidemark.workflow.TidemarkWorkflows;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs on a real Temporal server whose namespace gets the search attributes, and loses them. */
@Timeout(120)
class SearchAttributesIT {
    @TempDir
    Path folder;

    @Test
    void aNamespaceMayGetAndLoseTheSearchAttributesAtAnyTime() throws Exception {
        try (TemporalServer server = TemporalServer.forTests();
                TemporalConnection connection = TemporalConnection.open(server.target(), null, "")) {
            WorkflowServiceStubs service = WorkflowServiceStubs.newServiceStubs(WorkflowServiceStubsOptions.newBuilder()
                    .setTarget(server.target())
                    .build());
            WorkerFactory factory = WorkerFactory.newInstance(WorkflowClient.newInstance(service));
            Worker worker = factory.newWorker(KafkaBatchWorkflow.TASK_QUEUE);
            NamespaceAttributes attributes = new NamespaceAttributes(service, server.namespace());
            AtomicBoolean loses = new AtomicBoolean();
            worker.registerActivitiesImplementations(new NominalTimeIT.Plans(new CompletableFuture<>()));
            TidemarkWorkflows.register(worker, false, Set.of(), fresh -> {
                List<String> known = attributes.searchAttributes(fresh);
                if (fresh && loses.compareAndSet(true, false)) {
                    // The worst moment: the worker has the answer, and the task that sets the attributes comes next.
                    remove(service, server.namespace());
                }
                return known;
            });
            factory.start();
            try {
                run(server, "without");
                assertThat(describe(connection, "without").get(RunAttributes.JOB))
                        .isNull();

                Cli setup = Cli.run("setup", "--address", server.target());
                assertThat(setup.err()).isEmpty();
                assertThat(setup.out())
                        .contains("TidemarkJob      Keyword  added\n", "TidemarkLag      Int      added\n");
                assertThat(Cli.run("setup", "--address", server.target()).out())
                        .contains("TidemarkJob      Keyword  present\n");
                attributes.searchAttributes(true);

                run(server, "with");
                assertThat(describe(connection, "with").get(RunAttributes.OUTCOME))
                        .isEqualTo("done");
                assertThat(describe(connection, "with").get(RunAttributes.JOB)).isEqualTo("with");
                assertThat(describe(connection, "with").get(RunAttributes.LAG)).isZero();

                loses.set(true);
                run(server, "loses");
                assertThat(connection.client().fetchHistory("tidemark-loses").getEvents().stream()
                                .filter(each -> each.getEventType() == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED))
                        .as("the server rejected the task that set attributes which the namespace had just lost")
                        .isNotEmpty();
            } finally {
                factory.shutdownNow();
                service.shutdownNow();
            }
        }
    }

    private void run(TemporalServer server, String job) throws Exception {
        Cli cli = Cli.run("run", Cli.job(folder, job).toString(), "--address", server.target());
        assertThat(cli.err()).isEmpty();
        assertThat(cli.exitCode()).isZero();
    }

    private static SearchAttributes describe(TemporalConnection connection, String job) {
        WorkflowStub body = connection.client().newUntypedWorkflowStub("tidemark-" + job);
        return body.describe().getTypedSearchAttributes();
    }

    private static void remove(WorkflowServiceStubs service, String namespace) {
        OperatorServiceGrpc.newBlockingStub(service.blockingStub().getChannel())
                .removeSearchAttributes(RemoveSearchAttributesRequest.newBuilder()
                        .setNamespace(namespace)
                        .addAllSearchAttributes(RunAttributes.types().keySet())
                        .build());
    }
}
