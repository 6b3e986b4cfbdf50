package io.tidemark.temporal;

import io.grpc.StatusRuntimeException;
import io.temporal.api.enums.v1.IndexedValueType;
import io.temporal.api.operatorservice.v1.AddSearchAttributesRequest;
import io.temporal.api.operatorservice.v1.ListSearchAttributesRequest;
import io.temporal.api.operatorservice.v1.OperatorServiceGrpc;
import io.temporal.api.operatorservice.v1.OperatorServiceGrpc.OperatorServiceBlockingStub;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.tidemark.workflow.AttributeActivities;
import io.tidemark.workflow.RunAttributes;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks a Temporal namespace which search attributes of {@link RunAttributes} it has, and adds them. Thread-safe. */
public final class NamespaceAttributes implements AttributeActivities {
    private static final Logger LOG = LoggerFactory.getLogger(NamespaceAttributes.class);

    /** Shorter than {@link RunAttributes#PATIENCE}: a run must not wait for a server that does not answer. */
    private static final Duration DEADLINE = Duration.ofSeconds(2);
    /** How old an answer may be at the start of a run. A run that sets attributes asks again. */
    private static final Duration FRESH = Duration.ofMinutes(1);

    private final WorkflowServiceStubs service;
    private final String namespace;
    private List<String> last = List.of();
    private long lastAt;
    private boolean asked;
    private boolean told;

    /** Makes a view of one namespace. */
    public NamespaceAttributes(WorkflowServiceStubs service, String namespace) {
        this.service = service;
        this.namespace = namespace;
    }

    @Override
    public synchronized List<String> searchAttributes(boolean fresh) {
        long now = System.nanoTime();
        if (fresh || !asked || now - lastAt > FRESH.toNanos()) {
            last = ask();
            lastAt = now;
            asked = true;
        }
        return last;
    }

    private List<String> ask() {
        try {
            Map<String, IndexedValueType> present = present();
            return RunAttributes.types().entrySet().stream()
                    .filter(each -> each.getValue() == present.get(each.getKey()))
                    .map(Map.Entry::getKey)
                    .toList();
        } catch (StatusRuntimeException e) {
            // Temporal may forbid it, or be an old or an in-memory server. Runs work without search attributes.
            if (!told) {
                told = true;
                LOG.atInfo()
                        .addKeyValue(
                                "reason",
                                e.getStatus().getCode() + " " + e.getStatus().getDescription())
                        .log("search attributes unknown, so runs set none");
            }
            return List.of();
        }
    }

    /**
     * Returns the custom search attributes of the namespace with their types.
     *
     * @throws StatusRuntimeException if the server does not answer, or not to this caller
     */
    public Map<String, IndexedValueType> present() {
        return stub().listSearchAttributes(ListSearchAttributesRequest.newBuilder()
                        .setNamespace(namespace)
                        .build())
                .getCustomAttributesMap();
    }

    /**
     * Adds the search attributes of runs that the namespace does not have. Returns those that it added.
     *
     * @throws StatusRuntimeException if the server refuses
     */
    public Map<String, IndexedValueType> add() {
        Map<String, IndexedValueType> missing = new TreeMap<>(RunAttributes.types());
        missing.keySet().removeAll(present().keySet());
        if (!missing.isEmpty()) {
            stub().addSearchAttributes(AddSearchAttributesRequest.newBuilder()
                    .setNamespace(namespace)
                    .putAllSearchAttributes(missing)
                    .build());
        }
        return missing;
    }

    /** The channel of the other stub has the headers and the credentials of the connection. */
    private OperatorServiceBlockingStub stub() {
        return OperatorServiceGrpc.newBlockingStub(service.blockingStub().getChannel())
                .withDeadlineAfter(DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
    }
}
