package io.tidemark.bench;

import io.tidemark.worker.Main;
import java.util.List;

/** {@code ./tidemark worker} as a child of the bench: the worker itself, except that it ends with its parent. */
final class WorkerProcess {

    /** What the log says when it polls. */
    private static final String READY = "worker ready";

    private WorkerProcess() {}

    /** Starts it with the launcher's own flags, and at most this heap. */
    static ChildJvm start(BenchServers servers, String heap) {
        return ChildJvm.startLogging(
                WorkerProcess.class,
                List.of(("-Xmx" + heap + " " + System.getProperty("tidemark.worker.flags", "")).split(" ")),
                "worker",
                "--kafka-config=" + servers.kafkaConfig(),
                "--address=" + servers.temporal().target(),
                "--namespace=" + servers.temporal().namespace());
    }

    /** Waits until it polls. */
    static void awaitReady(ChildJvm worker) {
        worker.readUntil(READY);
    }

    public static void main(String[] arguments) {
        Thread parent = new Thread(ChildJvm::endWithTheParent, "parent");
        parent.setDaemon(true);
        parent.start();
        Main.main(arguments);
    }
}
