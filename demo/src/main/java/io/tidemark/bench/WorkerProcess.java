package io.tidemark.bench;

import io.tidemark.worker.Main;
import java.util.ArrayList;
import java.util.List;

/** Runs {@code ./tidemark worker} as a child process that ends with its parent. */
final class WorkerProcess {

    /** The log message of a worker that polls. */
    private static final String READY = "worker ready";

    private WorkerProcess() {}

    /** Starts a worker with the flags of the launcher, this maximum heap, and more options. */
    static ChildJvm start(BenchServers servers, String heap, String... options) {
        List<String> arguments = new ArrayList<>(List.of(
                "worker",
                "--kafka-config=" + servers.kafkaConfig(),
                "--address=" + servers.temporal().target(),
                "--namespace=" + servers.temporal().namespace()));
        arguments.addAll(List.of(options));
        return ChildJvm.startLogging(
                WorkerProcess.class,
                List.of(("-Xmx" + heap + " " + System.getProperty("tidemark.worker.flags", "")).split(" ")),
                arguments.toArray(String[]::new));
    }

    /** Waits until the worker polls. */
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
