package io.tidemark.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.TestAbortedException;

class TemporalBinaryTest {

    private static final String WORKING = "#!/bin/sh\necho temporal version 1.5.1\n";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private final List<String> calls = new ArrayList<>();

    @SuppressWarnings("NullAway.Init")
    private Path cached;

    @BeforeEach
    void setCacheFolder() {
        cached = folder.resolve("cache").resolve("temporal");
    }

    @Test
    void theBinaryOnThePathComesFirst() throws IOException {
        executable(cached, WORKING);
        Path onPath = executable(folder.resolve("bin").resolve("temporal"), WORKING);

        TemporalBinary.Search search = TemporalBinary.locate(
                new TemporalBinary.OnPath(String.valueOf(onPath.getParent())), cached, List.of(succeeding("download")));

        assertThat(search.binary()).contains(onPath);
        assertThat(calls).isEmpty();
    }

    @Test
    void theCacheComesBeforeTheDownload() throws IOException {
        executable(cached, WORKING);

        TemporalBinary.Search search = TemporalBinary.locate(nowhere(), cached, List.of(succeeding("download")));

        assertThat(search.binary()).contains(cached);
        assertThat(calls).isEmpty();
    }

    @Test
    void theDownloadComesBeforeTheBuild() {
        TemporalBinary.Search search =
                TemporalBinary.locate(nowhere(), cached, List.of(succeeding("download"), succeeding("build")));

        assertThat(search.binary()).contains(cached);
        assertThat(calls).containsExactly("download");
    }

    @Test
    void theBuildComesAfterAFailedDownload() {
        TemporalBinary.Search search =
                TemporalBinary.locate(nowhere(), cached, List.of(failing("download"), succeeding("build")));

        assertThat(search.binary()).contains(cached);
        assertThat(calls).containsExactly("download", "build");
    }

    @Test
    void aFailedSearchNamesEveryStepAndLeavesNoFiles() throws IOException {
        TemporalBinary.Search search =
                TemporalBinary.locate(nowhere(), cached, List.of(failing("download"), failing("build")));

        assertThat(search.binary()).isEmpty();
        assertThat(search.tried())
                .contains("not on the PATH", cached.toString(), "download (no luck)", "build (no luck)", "install");
        try (var left = Files.list(folder.resolve("cache"))) {
            assertThat(left.map(file -> file.getFileName().toString())).containsExactly(".lock");
        }
    }

    @Test
    void twoSearchesAtOnceFetchOnce() throws Exception {
        CountDownLatch bothAreOff = new CountDownLatch(2);
        Callable<TemporalBinary.Search> search = () -> {
            bothAreOff.countDown();
            bothAreOff.await();
            return TemporalBinary.locate(nowhere(), cached, List.of(succeeding("download")));
        };
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            for (Future<TemporalBinary.Search> result : threads.invokeAll(List.of(search, search))) {
                assertThat(result.get().binary()).contains(cached);
            }
        } finally {
            threads.shutdown();
        }
        assertThat(calls).containsExactly("download");
    }

    @Test
    void theCacheFolderFollowsXdgCacheHome() {
        assertThat(TemporalBinary.cacheFolder(Map.of("XDG_CACHE_HOME", "/c")))
                .isEqualTo(Path.of("/c/tidemark/temporal-1.5.1"));
        assertThat(TemporalBinary.cacheFolder(Map.of()))
                .isEqualTo(Path.of(System.getProperty("user.home"), ".cache/tidemark/temporal-1.5.1"));
    }

    @Test
    void aDownloadUnpacksTheBinaryAndRunsIt() throws Exception {
        HttpServer server = serve(200, archive("temporal", WORKING));
        try {
            new TemporalBinary.Download(address(server)).fetch(folder.resolve("temporal"));
        } finally {
            server.stop(0);
        }
        assertThat(folder.resolve("temporal")).isExecutable().hasContent(WORKING);
    }

    @Test
    void aDownloadThatIsNotTheTemporalCliIsRefused() throws Exception {
        HttpServer server = serve(200, archive("temporal", "#!/bin/sh\necho hello\n"));
        try {
            assertThatThrownBy(() -> new TemporalBinary.Download(address(server)).fetch(folder.resolve("temporal")))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("not the Temporal CLI");
        } finally {
            server.stop(0);
        }
    }

    @Test
    void anErrorPageIsRefused() throws Exception {
        HttpServer server = serve(404, "not here".getBytes(StandardCharsets.UTF_8));
        try {
            assertThatThrownBy(() -> new TemporalBinary.Download(address(server)).fetch(folder.resolve("temporal")))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("answered 404");
        } finally {
            server.stop(0);
        }
    }

    @Test
    void theBuildSaysThatItTakesMinutesAndAsksGoForTheVersion() throws Exception {
        executable(
                folder.resolve("bin").resolve("go"),
                "#!/bin/sh\necho \"$@\" > \"$GOBIN/asked\"\n"
                        + "printf '#!/bin/sh\\necho temporal version 1.5.1\\n' > \"$GOBIN/temporal\"\n"
                        + "chmod +x \"$GOBIN/temporal\"\n");
        ByteArrayOutputStream said = new ByteArrayOutputStream();

        new TemporalBinary.GoInstall(
                        folder.resolve("bin").toString(), new PrintStream(said, true, StandardCharsets.UTF_8))
                .fetch(folder.resolve("temporal"));

        assertThat(folder.resolve("temporal")).isExecutable();
        assertThat(folder.resolve("asked")).hasContent("install github.com/temporalio/cli/cmd/temporal@v1.5.1");
        assertThat(said.toString(StandardCharsets.UTF_8).lines())
                .singleElement()
                .asString()
                .contains("3 minutes");
    }

    @Test
    void withoutABinaryATestIsSkippedOrFailsInCi() {
        TemporalBinary.Search inVain = new TemporalBinary.Search(Optional.empty(), "no temporal binary");

        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream messages = new PrintStream(said, true, StandardCharsets.UTF_8);

        assertThatThrownBy(() -> BinaryForTests.of(inVain, false, messages)).isInstanceOf(TestAbortedException.class);
        assertThat(said.toString(StandardCharsets.UTF_8)).startsWith("SKIPPED").contains("no temporal binary");
        assertThatThrownBy(() -> BinaryForTests.of(inVain, true, messages))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("no temporal binary");
    }

    private static TemporalBinary.Place nowhere() {
        return new TemporalBinary.OnPath("");
    }

    private TemporalBinary.Source succeeding(String name) {
        return new Scripted(name, target -> executable(target, WORKING));
    }

    private TemporalBinary.Source failing(String name) {
        return new Scripted(name, target -> {
            throw new IOException("no luck");
        });
    }

    private static Path executable(Path file, String script) throws IOException {
        if (file.getParent() != null) {
            Files.createDirectories(file.getParent());
        }
        Files.writeString(file, script);
        assertThat(file.toFile().setExecutable(true)).isTrue();
        return file;
    }

    private static byte[] archive(String name, String content) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(new GZIPOutputStream(bytes))) {
            for (String entryName : List.of("LICENSE", name)) {
                byte[] data = content.getBytes(StandardCharsets.UTF_8);
                TarArchiveEntry entry = new TarArchiveEntry(entryName);
                entry.setSize(data.length);
                tar.putArchiveEntry(entry);
                tar.write(data);
                tar.closeArchiveEntry();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static HttpServer serve(int status, byte[] body) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/cli/archive/v1.5.1", exchange -> {
            exchange.sendResponseHeaders(status, body.length);
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(body);
            }
        });
        server.start();
        return server;
    }

    private static URI address(HttpServer server) {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    private interface Fetch {
        void to(Path target) throws IOException;
    }

    private final class Scripted implements TemporalBinary.Source {

        private final String name;
        private final Fetch fetch;

        Scripted(String name, Fetch fetch) {
            this.name = name;
            this.fetch = fetch;
        }

        @Override
        public void fetch(Path target) throws IOException {
            calls.add(name);
            fetch.to(target);
        }

        @Override
        public String describe() {
            return name;
        }
    }
}
