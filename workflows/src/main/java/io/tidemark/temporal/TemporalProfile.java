package io.tidemark.temporal;

import io.temporal.envconfig.ClientConfigProfile;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** How to reach the Temporal server: Temporal's own environment variables and configuration file. */
public final class TemporalProfile {
    private TemporalProfile() {}

    /**
     * Returns the profile that the environment names.
     *
     * @param address the server's address instead of the profile's; null for the profile's
     * @param namespace the namespace instead of the profile's; null for the profile's
     * @throws IOException if the configuration file cannot be read
     * @throws RuntimeException if the environment or the file contradicts itself; the message says how
     */
    public static ClientConfigProfile load(@Nullable String address, @Nullable String namespace) throws IOException {
        ClientConfigProfile.Builder profile = ClientConfigProfile.load().toBuilder();
        if (address != null) {
            profile.setAddress(address);
        }
        if (namespace != null) {
            profile.setNamespace(namespace);
        }
        return profile.build();
    }
}
