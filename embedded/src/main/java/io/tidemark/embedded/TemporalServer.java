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
 * A Temporal server on the loopback address: the real dev server with its Web UI as a child process, or the in-memory
 * server of the SDK, which runs workflows but has no Web UI, no schedules and no lists of workflows.
 */
public final class TemporalServer implements AutoCloseable {

    private static final String HOST = "127.0.0.1";
    private static final String NAMESPACE = "default";

    /**
     * The dev server has one shard and by default polls it for new tasks at most 20 times a second. After a burst of 20
     * tasks each step would wait 40 ms, longer than a step of a small run takes.
     */
    private static final List<String> FAST_POLLING =
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
        // The dev server is a child process, which would survive a JVM that ends without close().
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

    /** Starts the real server with its Web UI, on free ports and in memory. */
    public static TemporalServer startReal(Path binary) {
        return builder().startReal(binary);
    }

    /**
     * Starts the real server for a test. Without a binary, the test is skipped with a message, or fails if the
     * environment has {@code CI=true}.
     *
     * @throws org.opentest4j.TestAbortedException to skip the test
     */
    public static TemporalServer forTests() {
        return startReal(binaryForTests());
    }

    /** Returns the binary of {@link #forTests}, for a test that starts the server with its own settings. */
    public static Path binaryForTests() {
        return BinaryForTests.of(TemporalBinary.locate(), "true".equals(System.getenv("CI")), System.err);
    }

    /** Returns whether this is the real server, with Web UI, schedules and lists of workflows. */
    public boolean isReal() {
        return webUi != null;
    }

    /** Returns {@code host:port} of the gRPC API. */
    public String target() {
        return target;
    }

    /** Returns the address of the Web UI, or empty for the in-memory server. */
    public Optional<URI> webUi() {
        return Optional.ofNullable(webUi);
    }

    public String namespace() {
        return NAMESPACE;
    }

    /**
     * Kills the process of the server with SIGKILL and returns when it has ended. A server that is started with the
     * same database file continues from it. {@link #close} must still be called.
     *
     * @throws IllegalStateException if there is no process: an in-memory server, or one that was killed or closed
     *     before
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

    /** The SDK does not expose its process; this finds the child process by its port. */
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
            // The JVM is ending, so the hook runs as well. Closing twice is harmless.
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

    /** Settings of a server. All are optional; the in-memory server uses the port only. */
    public static final class Builder {

        private int port;
        private int uiPort;
        private @Nullable Path database;
        private @Nullable Path log;
        private final List<String> extraArguments = new ArrayList<>();

        private Builder() {}

        /** Sets the gRPC port; 0, the default, means a free port. */
        public Builder port(int port) {
            this.port = port;
            return this;
        }

        /** Sets the port of the Web UI; 0, the default, means a free port. */
        public Builder uiPort(int uiPort) {
            this.uiPort = uiPort;
            return this;
        }

        /** Sets a SQLite file that outlives the server. By default, all data is in memory. */
        public Builder database(Path database) {
            this.database = database;
            return this;
        }

        /** Sets the log file. The default is a temporary file that is deleted on close. */
        public Builder log(Path log) {
            this.log = log;
            return this;
        }

        /** Adds an argument of {@code temporal server start-dev}. */
        public Builder extraArgument(String argument) {
            extraArguments.add(argument);
            return this;
        }

        /**
         * Starts the real server and returns when it is ready.
         *
         * @throws IllegalStateException if it does not start; the message has the command and the end of its log
         */
        public TemporalServer startReal(Path binary) {
            int web = uiPort != 0 ? uiPort : Ports.free();
            Path ownFolder = null;
            Path logFile = log;
            if (logFile == null) {
                ownFolder = Folders.createTemporary("tidemark-temporal-");
                logFile = ownFolder.resolve("temporal.log");
            }
            List<String> arguments = new ArrayList<>(FAST_POLLING);
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

        /** Starts the in-memory server. It does not skip time. */
        public TemporalServer startInMemory() {
            int chosen = port != 0 ? port : Ports.free();
            return new TemporalServer(HOST + ":" + chosen, null, TestServer.createPortBoundServer(chosen, true), null);
        }
    }
}
