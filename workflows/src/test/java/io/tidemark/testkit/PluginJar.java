package io.tidemark.testkit;

import io.tidemark.aggregator.AggregatorProvider;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/** Jars of plugins. */
public final class PluginJar {
    private PluginJar() {}

    /** Writes the jar of a provider: that of the build, or one of the classes in its package if they are not in a jar. */
    public static Path write(Path jar, Class<? extends AggregatorProvider> provider) {
        try {
            Path source = Path.of(
                    provider.getProtectionDomain().getCodeSource().getLocation().toURI());
            if (Files.isRegularFile(source)) {
                return Files.copy(source, jar);
            }
            String folder = provider.getPackageName().replace('.', '/');
            Map<String, byte[]> entries = new LinkedHashMap<>();
            try (Stream<Path> files = Files.list(source.resolve(folder))) {
                for (Path each : (Iterable<Path>) files::iterator) {
                    entries.put(folder + "/" + each.getFileName(), Files.readAllBytes(each));
                }
            }
            return write(jar, entries, List.of(provider.getName()));
        } catch (Exception e) {
            throw new IllegalStateException("the plugin " + provider + " cannot be packed", e);
        }
    }

    /** Writes a jar with these entries, and with the names of these providers unless there are none. */
    public static Path write(Path jar, Map<String, byte[]> entries, List<String> providers) throws IOException {
        Map<String, byte[]> all = new LinkedHashMap<>(entries);
        if (!providers.isEmpty()) {
            all.put(
                    "META-INF/services/" + AggregatorProvider.class.getName(),
                    String.join("\n", providers).getBytes(StandardCharsets.UTF_8));
        }
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file)) {
            for (Map.Entry<String, byte[]> each : all.entrySet()) {
                out.putNextEntry(new JarEntry(each.getKey()));
                out.write(each.getValue());
            }
        }
        return jar;
    }
}
