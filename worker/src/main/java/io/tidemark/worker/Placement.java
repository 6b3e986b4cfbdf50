package io.tidemark.worker;

import io.temporal.common.WorkerDeploymentVersion;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The host that a worker process has, and the version of the deployment that it belongs to.
 *
 * @param hostId name of the host in the name of its task queue, the same after each restart and unique among the workers
 *     of the task queue; null for an id that is kept in the staging folder
 * @param version version of the worker deployment, for Temporal's worker versioning; null for a worker without versions
 */
public record Placement(@Nullable String hostId, @Nullable WorkerDeploymentVersion version) {
    /** A worker whose id is kept in its staging folder, and which has no version. */
    public static final Placement LOCAL = new Placement(null, null);

    /** The variable with the id of the host. */
    static final String HOST_ID_VARIABLE = "TIDEMARK_HOST_ID";

    /** The variables that Temporal's worker controller sets. */
    private static final String DEPLOYMENT_VARIABLE = "TEMPORAL_DEPLOYMENT_NAME";

    private static final String BUILD_VARIABLE = "TEMPORAL_WORKER_BUILD_ID";

    /** The name of a pod has at most 253 characters. It becomes a part of a file's name, which has at most 255 bytes. */
    private static final int MAX_LENGTH = 200;

    private static final Pattern HOST_ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");

    /** Throws {@code IllegalArgumentException} if the host id cannot be part of the names of a queue and of a file. */
    public Placement {
        if (hostId != null
                && (hostId.length() > MAX_LENGTH || !HOST_ID.matcher(hostId).matches())) {
            throw new IllegalArgumentException("the host id is '" + hostId
                    + "'; it must have 1 to " + MAX_LENGTH
                    + " letters, digits, dots, hyphens and underscores, and begin"
                    + " with a letter or digit. Change --host-id or " + HOST_ID_VARIABLE);
        }
    }

    /**
     * Reads the placement from the environment.
     *
     * @param hostId the option, which overrides the variable, or null
     * @throws IllegalArgumentException if the host id is not valid, or only one of the two variables of a version is set
     */
    static Placement of(@Nullable String hostId, Map<String, String> environment) {
        String deployment = environment.getOrDefault(DEPLOYMENT_VARIABLE, "");
        String build = environment.getOrDefault(BUILD_VARIABLE, "");
        if (deployment.isEmpty() != build.isEmpty()) {
            String there = deployment.isEmpty() ? BUILD_VARIABLE : DEPLOYMENT_VARIABLE;
            String missing = deployment.isEmpty() ? DEPLOYMENT_VARIABLE : BUILD_VARIABLE;
            throw new IllegalArgumentException(there + " is set and " + missing
                    + " is not. A worker with a version needs both; a worker without a version needs neither");
        }
        String id = hostId != null ? hostId : environment.getOrDefault(HOST_ID_VARIABLE, "");
        return new Placement(
                id.isEmpty() ? null : id, deployment.isEmpty() ? null : new WorkerDeploymentVersion(deployment, build));
    }
}
