package io.tidemark.settings;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URL;
import java.util.Objects;
import java.util.jar.Attributes;

/**
 * The build that this process runs, from the manifest of its jar.
 *
 * @param version the release, such as {@code 0.1.0}; {@code development} if the classes are not in a jar
 * @param revision the first 8 digits of the commit, or {@code unknown}
 */
public record BuildInfo(String version, String revision) {
    private static final BuildInfo CURRENT =
            read(Objects.requireNonNull(BuildInfo.class.getResource("BuildInfo.class")));

    /** Returns the build of this class. */
    public static BuildInfo current() {
        return CURRENT;
    }

    /** Returns the build of a class in a jar with this URL. */
    static BuildInfo read(URL url) {
        try {
            if (url.openConnection() instanceof JarURLConnection jar) {
                // Cached, the jar stays open, which it is anyway.
                Attributes manifest = jar.getManifest().getMainAttributes();
                return new BuildInfo(
                        Objects.requireNonNullElse(
                                manifest.getValue(Attributes.Name.IMPLEMENTATION_VERSION), "development"),
                        Objects.requireNonNullElse(manifest.getValue("Implementation-Revision"), "unknown"));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the manifest of " + url + " cannot be read", e);
        }
        return new BuildInfo("development", "unknown");
    }

    /** Returns the build as a person reads it, such as {@code 0.1.0 (1434b043)}. */
    public String text() {
        return revision.equals("unknown") ? version : version + " (" + revision + ")";
    }
}
