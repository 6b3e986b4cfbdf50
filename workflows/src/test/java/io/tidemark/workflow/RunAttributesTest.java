package io.tidemark.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.temporal.api.enums.v1.EventType;
import io.temporal.api.enums.v1.IndexedValueType;
import io.temporal.client.WorkflowStub;
import io.temporal.common.SearchAttributes;
import io.tidemark.run.FailureKind;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The search attributes of runs, on a server that knows some of them. */
class RunAttributesTest extends WorkflowScene {
    @Test
    void aRunSetsWhatTheNamespaceHas() {
        add();
        kafka.append(0, 10);

        run(Jobs.voltage());

        assertThat(attributes().get(RunAttributes.JOB)).isEqualTo("voltage-daily");
        assertThat(attributes().get(RunAttributes.OUTCOME)).isEqualTo("done");
        assertThat(attributes().get(RunAttributes.RECORDS)).isEqualTo(10);
        assertThat(attributes().get(RunAttributes.BAD)).isZero();
        assertThat(attributes().get(RunAttributes.LAG)).isZero();
    }

    @Test
    void aNamespaceWithoutThemCostsARunTwoMarkers() {
        kafka.append(0, 10);

        run(Jobs.voltage());

        assertThat(events(EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES))
                .isZero();
        assertThat(client.fetchHistory(Jobs.BODY).getEvents())
                .filteredOn(each -> each.getEventType() == EventType.EVENT_TYPE_MARKER_RECORDED)
                .as("the versions search-attributes, paced-progress and bounded-slices, and the answer of the server")
                .hasSize(4);
    }

    @Test
    void attributesThatTheNamespaceDoesNotHaveAreNotSet() {
        temporal.registerSearchAttribute("TidemarkJob", IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD);
        attributes = List.of("TidemarkJob");
        kafka.append(0, 10);

        run(Jobs.voltage());

        assertThat(attributes().get(RunAttributes.JOB)).isEqualTo("voltage-daily");
        assertThat(attributes().size()).isEqualTo(1);
    }

    @Test
    void theOutcomeSaysHowTheRunEnded() {
        add();
        kafka.append(0, 10);
        kafka.append(1, 20);
        kafka.trouble = (activity, ranges) -> {
            if (activity.equals("produce") && ranges.get(0).partition() == 1) {
                throw FakeKafka.fatal(FailureKind.NOT_FINITE, "trouble");
            }
        };

        failure(Jobs.voltage());

        assertThat(attributes().get(RunAttributes.OUTCOME)).isEqualTo("partial");
        assertThat(attributes().get(RunAttributes.LAG)).isEqualTo(20);
    }

    @Test
    void aRunThatIsRefusedHasFailed() {
        add();
        kafka.trouble = (activity, ranges) -> {
            throw FakeKafka.fatal(FailureKind.JOB_CHANGED, "trouble");
        };

        failure(Jobs.voltage());

        assertThat(attributes().get(RunAttributes.OUTCOME)).isEqualTo("failed");
        assertThat(attributes().get(RunAttributes.JOB)).isEqualTo("voltage-daily");
    }

    @Test
    void aCancelledRunIsMarkedToo() {
        add();
        kafka.append(0, 10);
        kafka.trouble = (activity, ranges) -> {
            if (activity.equals("consume")) {
                client.newUntypedWorkflowStub("run").cancel();
                readUntilCancelled();
            }
        };
        WorkflowStub run = start("run", Jobs.voltage());

        assertThat(catchThrowable(() -> inRealTime(run).getResult(Object.class)))
                .isNotNull();

        assertThat(attributes().get(RunAttributes.OUTCOME)).isEqualTo("cancelled");
    }

    private void add() {
        RunAttributes.types().forEach(temporal::registerSearchAttribute);
        attributes = List.copyOf(RunAttributes.types().keySet());
    }

    private SearchAttributes attributes() {
        return client.newUntypedWorkflowStub(Jobs.BODY).describe().getTypedSearchAttributes();
    }

    private long events(EventType type) {
        return client.fetchHistory(Jobs.BODY).getEvents().stream()
                .filter(each -> each.getEventType() == type)
                .count();
    }
}
