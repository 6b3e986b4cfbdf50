package io.tidemark.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BuildInfoTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @Test
    void theManifestOfTheJarHasTheBuild() throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.IMPLEMENTATION_VERSION, "1.2.3");
        manifest.getMainAttributes().putValue("Implementation-Revision", "0badcafe");

        BuildInfo build = BuildInfo.read(classIn(manifest));

        assertThat(build).isEqualTo(new BuildInfo("1.2.3", "0badcafe"));
        assertThat(build.text()).isEqualTo("1.2.3 (0badcafe)");
    }

    @Test
    void aJarOfAnotherBuildToolHasNoBuild() throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");

        assertThat(BuildInfo.read(classIn(manifest)).text()).isEqualTo("development");
    }

    @Test
    void aFolderOfClassesHasNoBuild() throws IOException {
        Path file = Files.createFile(folder.resolve("A.class"));

        assertThat(BuildInfo.read(file.toUri().toURL()).text()).isEqualTo("development");
    }

    private URL classIn(Manifest manifest) throws IOException {
        Path jar = folder.resolve("a.jar");
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
            out.putNextEntry(new ZipEntry("A.class"));
        }
        return URI.create("jar:" + jar.toUri() + "!/A.class").toURL();
    }
}
