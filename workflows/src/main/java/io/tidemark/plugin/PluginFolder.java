package io.tidemark.plugin;

import io.tidemark.aggregate.OwnAggregates;
import io.tidemark.aggregator.AggregatorProvider;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds the aggregates in the jars of a folder. Each jar has a class loader of its own, which sees only the JDK, {@code
 * io.tidemark.aggregator} and the jar: a plugin can have any version of any library, and must have it in its jar.
 */
public final class PluginFolder {
    private PluginFolder() {}

    /**
     * Returns the aggregates of all jars, which stay loaded until the process ends.
     *
     * @param folder null for no plugins
     * @throws IllegalArgumentException with the jar, if one cannot be used, or two have an aggregate of one name
     */
    public static OwnAggregates load(@Nullable Path folder) {
        if (folder == null) {
            return OwnAggregates.NONE;
        }
        List<AggregatorProvider> all = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> jars = files.filter(each -> each.toString().endsWith(".jar"))
                    .sorted()
                    .toList();
            for (Path jar : jars) {
                all.addAll(providers(jar));
            }
        } catch (IOException e) {
            throw new IllegalArgumentException("--plugins " + folder + " is not a folder that can be read", e);
        }
        if (all.isEmpty()) {
            throw new IllegalArgumentException("--plugins " + folder + " has no jar");
        }
        return new OwnAggregates(all);
    }

    // The loader stays open: a plugin may load a class with its first record.
    @SuppressWarnings("resource")
    private static List<AggregatorProvider> providers(Path jar) {
        List<AggregatorProvider> found = new ArrayList<>();
        try {
            URL url = jar.toUri().toURL();
            URLClassLoader loader =
                    new URLClassLoader(jar.getFileName().toString(), new URL[] {url}, new InterfacesOnly());
            ServiceLoader.load(AggregatorProvider.class, loader).forEach(found::add);
        } catch (IOException | ServiceConfigurationError | LinkageError e) {
            throw new IllegalArgumentException("plugin " + jar + " cannot be loaded: " + e.getMessage(), e);
        }
        if (found.isEmpty()) {
            throw new IllegalArgumentException(
                    "plugin " + jar + " names no aggregate in META-INF/services/" + AggregatorProvider.class.getName()
                            + ". A library that a plugin needs belongs into the plugin's jar");
        }
        return found;
    }

    /** Hides the classes of the process from plugins, apart from those that they are compiled against. */
    private static final class InterfacesOnly extends ClassLoader {
        private static final String PACKAGE = AggregatorProvider.class.getPackageName() + ".";

        InterfacesOnly() {
            super(ClassLoader.getPlatformClassLoader());
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            if (name.startsWith(PACKAGE)) {
                return Class.forName(name, false, AggregatorProvider.class.getClassLoader());
            }
            throw new ClassNotFoundException(name);
        }
    }
}
