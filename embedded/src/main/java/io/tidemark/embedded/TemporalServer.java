package io.tidemark.embedded;

import io.temporal.testing.TemporalDevServer;
import io.temporal.testing.TemporalDevServerOptions;
import io.temporal.testserver.TestServer;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A Temporal server on the loopback address: the real dev server with its Web UI as a child process, or, where there is
 * no binary, the SDK's in-memory server, which runs workflows but has no Web UI, no schedules and no lists of workflows.
 */
public final class TemporalServer implements AutoCloseable {

    private static final String HOST = "127.0.0.1";
    private static final String NAMESPACE = "default";

    /**
     * The dev server has one shard, and by default looks 20 times a second for what to hand out there: after a burst of
     * as many each step waits 40 ms, which is more than a step of a small run takes.
     */
    private static final List<String> LIVELY =
            List.of("--dynamic-config-value", "history.transferProcessorMaxPollRPS=1000");

    private final String target;
    private final @Nullable URI webUi;
    private final AutoCloseable server;
    private final Thread endWithTheJvm = new Thread(this::closeServer, "temporal-server-shutdown");
    private final @Nullable Path ownFolder;
    private boolean closed;

    private TemporalServer(String target, @Nullable URI webUi, AutoCloseable server, @Nullable Path ownFolder) {
        this.target = target;
        this.webUi = webUi;
        this.server = server;
        this.ownFolder = ownFolder;
        // A dev server is another process: a JVM that ends without close() would leave it behind.
        try {
            Runtime.getRuntime().addShutdownHook(endWithTheJvm);
        } catch (IllegalStateException jvmIsEnding) {
            closeServer();
            throw jvmIsEnding;
        }
    }

    public static Builder builder() {
        return new Builder();
    }

    /** The real server with its Web UI, on free ports and in memory, from a binary that was located before. */
    public static TemporalServer startReal(Path binary) {
        return builder().startReal(binary);
    }

    /**
     * The real server for a test. Without a binary the test is skipped, loudly, on a person's machine, and is an error
     * where the environment has {@code CI=true}: there a skip would pass for a success.
     *
     * @throws org.opentest4j.TestAbortedException which JUnit takes for a skip
     */
    public static TemporalServer forTests() {
        return startReal(binaryForTests());
    }

    /** The binary of {@link #forTests}, for a test that starts its server with settings of its own. */
    public static Path binaryForTests() {
        return BinaryForTests.of(TemporalBinary.locate(), "true".equals(System.getenv("CI")), System.err);
    }

    /** Whether it is the real server: with Web UI, schedules, and lists of workflows. */
    public boolean isReal() {
        return webUi != null;
    }

    /** {@code host:port} of the gRPC API. */
    public String target() {
        return target;
    }

    /** The Web UI; empty for the in-memory server. */
    public Optional<URI> webUi() {
        return Optional.ofNullable(webUi);
    }

    public String namespace() {
        return NAMESPACE;
    }

    /**
     * Ends the server's process at once, as {@code kill -9} or a loss of power does, and returns when it is gone. Its
     * database, where it has a file, is what a server that is started on it finds. {@link #close} is still to be called.
     *
     * @throws IllegalStateException where there is no process: in memory, or killed or closed before
     */
    public void kill() {
        ProcessHandle process = ProcessHandle.current()
                .children()
                .filter(this::isTheServer)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no process serves " + target));
        process.destroyForcibly();
        process.onExit().join();
    }

    /** The SDK keeps its process to itself; nobody else of our children is told this port. */
    private boolean isTheServer(ProcessHandle child) {
        String port = target.substring(target.lastIndexOf(':') + 1);
        List<String> arguments = List.of(child.info().arguments().orElse(new String[0]));
        int at = arguments.indexOf("--port");
        return at >= 0 && at + 1 < arguments.size() && arguments.get(at + 1).equals(port);
    }

    /** Stops the server and its process. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            Runtime.getRuntime().removeShutdownHook(endWithTheJvm);
        } catch (IllegalStateException jvmIsEnding) {
            // Then the hook runs as well; closing twice is harmless.
        }
        closeServer();
    }

    private void closeServer() {
        try {
            server.close();
        } catch (Exception e) {
            throw new IllegalStateException("cannot stop the Temporal server at " + target, e);
        } finally {
            if (ownFolder != null) {
                Folders.delete(ownFolder);
            }
        }
    }

    /** Settings of a server; each may be left out. The in-memory server heeds the port only. */
    public static final class Builder {

        private int port;
        private int uiPort;
        private @Nullable Path database;
        private @Nullable Path log;
        private final List<String> extraArguments = new ArrayList<>();

        private Builder() {}

        /** The gRPC port; 0, the default, takes a free one. */
        public Builder port(int port) {
            this.port = port;
            return this;
        }

        /** The Web UI's port; 0, the default, takes a free one. */
        public Builder uiPort(int uiPort) {
            this.uiPort = uiPort;
            return this;
        }

        /** A SQLite file that outlives the server; by default everything is in memory. */
        public Builder database(Path database) {
            this.database = database;
            return this;
        }

        /** Where the server's log goes; by default a temporary file that is deleted on close. */
        public Builder log(Path log) {
            this.log = log;
            return this;
        }

        /** One more argument of {@code temporal server start-dev}. */
        public Builder extraArgument(String argument) {
            extraArguments.add(argument);
            return this;
        }

        /**
         * Starts the real server and returns when it answers.
         *
         * @throws IllegalStateException where it does not start; names the command and the end of its log
         */
        public TemporalServer startReal(Path binary) {
            int web = uiPort != 0 ? uiPort : Ports.free();
            Path ownFolder = null;
            Path logFile = log;
            if (logFile == null) {
                ownFolder = Folders.createTemporary("tidemark-temporal-");
                logFile = ownFolder.resolve("temporal.log");
            }
            List<String> arguments = new ArrayList<>(LIVELY);
            arguments.addAll(extraArguments);
            TemporalDevServerOptions.Builder options = TemporalDevServerOptions.newBuilder()
                    .setExistingPath(binary.toString())
                    .setIp(HOST)
                    .setPort(port != 0 ? port : Ports.free())
                    .setUiPort(web)
                    .setLogFile(logFile.toString())
                    .setExtraArgs(arguments);
            if (database != null) {
                options.setDatabaseFilename(database.toString());
            }
            try {
                TemporalDevServer server = TemporalDevServer.start(NAMESPACE, options.build());
                return new TemporalServer(
                        server.getTarget(), URI.create("http://" + HOST + ":" + web), server, ownFolder);
            } catch (RuntimeException e) {
                if (ownFolder != null) {
                    Folders.delete(ownFolder);
                }
                throw e;
            }
        }

        /** Starts the in-memory server, in real time: timers do not skip. */
        public TemporalServer startInMemory() {
            int chosen = port != 0 ? port : Ports.free();
            return new TemporalServer(HOST + ":" + chosen, null, TestServer.createPortBoundServer(chosen, true), null);
        }
    }
}
