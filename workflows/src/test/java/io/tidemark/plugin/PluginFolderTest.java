package io.tidemark.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.acme.geo.CentroidProvider;
import io.tidemark.aggregate.OwnAggregates;
import io.tidemark.testkit.PluginJar;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a process does with the jars of its plugins. */
class PluginFolderTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private void refused(String message) {
        assertThatThrownBy(() -> PluginFolder.load(folder))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void withoutAFolderThereAreNone() {
        assertThat(PluginFolder.load(null)).isSameAs(OwnAggregates.NONE);
    }

    @Test
    void eachJarNamesItsAggregates() throws Exception {
        PluginJar.write(folder.resolve("centroid.jar"), CentroidProvider.class);
        Files.writeString(folder.resolve("README.txt"), "no plugin");

        assertThat(PluginFolder.load(folder).names()).containsExactly("acme.centroid 1");
    }

    @Test
    void twoJarsWithOneNameAreRefused() {
        PluginJar.write(folder.resolve("a.jar"), CentroidProvider.class);
        PluginJar.write(folder.resolve("b.jar"), CentroidProvider.class);

        refused("two plugins have an aggregate acme.centroid");
    }

    @Test
    void aJarWithoutAnAggregateIsRefused() throws Exception {
        PluginJar.write(folder.resolve("library.jar"), Map.of(), List.of());

        refused("library.jar names no aggregate in META-INF/services/io.tidemark.aggregator.AggregatorProvider");
    }

    /** A plugin cannot use a class of the process, because another release of it may not have the class. */
    @Test
    void aPluginSeesOnlyItsOwnClasses() throws Exception {
        PluginJar.write(folder.resolve("other.jar"), Map.of(), List.of("com.acme.geo.CentroidProvider"));

        refused("other.jar cannot be loaded: ");
    }

    @Test
    void aFileThatIsNoJarIsRefused() throws Exception {
        Files.writeString(folder.resolve("broken.jar"), "no zip");

        refused("broken.jar");
    }

    @Test
    void anEmptyFolderAndNoFolderAreRefused() {
        refused("has no jar");
        assertThatThrownBy(() -> PluginFolder.load(folder.resolve("none"))).hasMessageContaining("is not a folder");
    }
}
