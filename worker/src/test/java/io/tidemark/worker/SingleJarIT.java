package io.tidemark.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;

/** Checks the contents of {@code target/tidemark-worker.jar}, from which the container image is built. */
class SingleJarIT {

    private static final Path JAR = Path.of("target", "tidemark-worker.jar");

    @Test
    void theJarContainsTheWorkerAndTheClients() throws Exception {
        assertThat(classes())
                .contains(
                        "io/tidemark/worker/Main.class",
                        "io/tidemark/workflow/KafkaBatchWorkflow.class",
                        "org/apache/kafka/clients/consumer/KafkaConsumer.class",
                        "io/temporal/worker/Worker.class");
    }

    @Test
    void theJarContainsNoBrokerNoTestServerAndNoCommandLine() throws Exception {
        assertThat(classes())
                .noneMatch(name -> name.startsWith("kafka/") || name.startsWith("org/apache/kafka/controller/"))
                .noneMatch(name -> name.startsWith("org/apache/kafka/streams/"))
                .noneMatch(
                        name -> name.startsWith("io/temporal/testing/") || name.startsWith("io/temporal/testserver/"))
                .noneMatch(name -> name.startsWith("io/tidemark/embedded/") || name.startsWith("io/tidemark/cli/"))
                .noneMatch(name -> name.startsWith("io/tidemark/demo/") || name.startsWith("io/tidemark/bench/"));
    }

    @Test
    void servicesOfSeveralJarsAreInOneFile() throws Exception {
        try (JarFile jar = new JarFile(JAR.toFile())) {
            JarEntry resolvers = jar.getJarEntry("META-INF/services/io.grpc.NameResolverProvider");
            String text = new String(jar.getInputStream(resolvers).readAllBytes());
            assertThat(text).contains("DnsNameResolverProvider", "UdsNameResolverProvider");
        }
    }

    @Test
    void theManifestNamesTheBuild() throws Exception {
        try (JarFile jar = new JarFile(JAR.toFile())) {
            Attributes manifest = jar.getManifest().getMainAttributes();
            assertThat(manifest.getValue(Attributes.Name.IMPLEMENTATION_VERSION))
                    .matches("\\d+\\.\\d+\\.\\d+.*");
            assertThat(manifest.getValue("Implementation-Revision")).matches("[0-9a-f]{8,}|unknown");
        }
    }

    private static List<String> classes() throws Exception {
        try (JarFile jar = new JarFile(JAR.toFile())) {
            return jar.stream()
                    .map(JarEntry::getName)
                    .filter(name -> name.endsWith(".class"))
                    .toList();
        }
    }
}
