package io.tidemark.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.temporal.common.VersioningBehavior;
import io.temporal.common.WorkerDeploymentVersion;
import io.temporal.worker.WorkerDeploymentOptions;
import io.temporal.worker.WorkerOptions;
import io.tidemark.settings.KafkaSettings;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlacementTest {
    private static final Map<String, String> VERSIONED =
            Map.of("TEMPORAL_DEPLOYMENT_NAME", "tidemark", "TEMPORAL_WORKER_BUILD_ID", "0.2.0");

    @Test
    void withoutVariablesNothingIsSet() {
        assertThat(Placement.of(null, Map.of())).isEqualTo(Placement.LOCAL);
        assertThat(Placement.of(null, Map.of("TIDEMARK_HOST_ID", "", "TEMPORAL_WORKER_BUILD_ID", "")))
                .isEqualTo(Placement.LOCAL);
        assertThat(options(Placement.LOCAL))
                .allSatisfy(each -> assertThat(each.getDeploymentOptions()).isNull());
    }

    @Test
    void theVersionIsTheSameOnBothQueuesAndRunsKeepIt() {
        Placement placement = Placement.of(null, VERSIONED);

        assertThat(options(placement)).allSatisfy(each -> {
            WorkerDeploymentOptions deployment = each.getDeploymentOptions();
            assertThat(deployment.getVersion()).isEqualTo(new WorkerDeploymentVersion("tidemark", "0.2.0"));
            assertThat(deployment.isUsingVersioning()).isTrue();
            assertThat(deployment.getDefaultVersioningBehavior()).isEqualTo(VersioningBehavior.PINNED);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"TEMPORAL_DEPLOYMENT_NAME", "TEMPORAL_WORKER_BUILD_ID"})
    void halfAVersionIsRefused(String variable) {
        assertThatThrownBy(() -> Placement.of(null, Map.of(variable, "x")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(variable + " is set", "is not");
    }

    @Test
    void theOptionOverridesTheVariable() {
        Map<String, String> environment = Map.of("TIDEMARK_HOST_ID", "worker-0");

        assertThat(Placement.of(null, environment).hostId()).isEqualTo("worker-0");
        assertThat(Placement.of("other", environment).hostId()).isEqualTo("other");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a/b", "..", "a b", "-a", "\u00fc"})
    void aHostIdThatIsNoNameIsRefused(String id) {
        assertThatThrownBy(() -> Placement.of(id, Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("'" + id + "'", "--host-id", "TIDEMARK_HOST_ID");
    }

    private static List<WorkerOptions> options(Placement placement) {
        WorkerModule module = new WorkerModule(
                WorkerSettings.defaults().withPlacement(placement),
                KafkaSettings.of(Map.of("bootstrap.servers", "127.0.0.1:1")));
        return List.of(module.workerOptions(), module.hostWorkerOptions());
    }
}
