package io.tidemark.story;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Worker processes that are started in advance, each for its own task queue, so that trials need not wait for a JVM.
 */
final class ReadyWorkers implements AutoCloseable {
    /** More processes would start in parallel and slow each other down. */
    private static final int AT_ONCE = 2;

    private final Path folder;
    private final Deque<Future<Ready>> ahead = new ArrayDeque<>();
    private final ExecutorService starter = Executors.newFixedThreadPool(AT_ONCE, task -> {
        Thread thread = new Thread(task, "start-workers");
        thread.setDaemon(true);
        return thread;
    });

    /** A worker that polls a queue on which nothing has been started yet. */
    record Ready(WorkerProcess process, String temporal, String taskQueue, Path staging) implements AutoCloseable {
        @Override
        public void close() {
            process.close();
        }
    }

    /** Keeps {@code many} workers ready. Their logs and staged files go to the folder. */
    ReadyWorkers(Path folder, int many) {
        this.folder = folder;
        for (int i = 0; i < many; i++) {
            startAhead();
        }
    }

    private synchronized void startAhead() {
        ahead.add(starter.submit(this::start));
    }

    private Ready start() throws Exception {
        while (true) {
            Scene.requireServer();
            String temporal = Scene.temporal();
            String taskQueue = "story-" + UUID.randomUUID();
            Path staging = folder.resolve(taskQueue);
            try {
                return new Ready(ReadyWorker.start(folder, temporal, taskQueue, staging), temporal, taskQueue, staging);
            } catch (Exception | AssertionError e) {
                if (Scene.temporal().equals(temporal)) {
                    throw e;
                }
                // A lane found the database of that server stuck, and closed it while the process started.
            }
        }
    }

    private synchronized Future<Ready> first() {
        startAhead();
        return ahead.remove();
    }

    /** Returns a worker for the current server. Thread-safe. */
    Ready take() {
        while (true) {
            Ready next = get(first());
            Scene.requireServer();
            if (next.temporal().equals(Scene.temporal())) {
                return next;
            }
            // The database of that server was stuck, and a new server has replaced it.
            next.close();
        }
    }

    private static Ready get(Future<Ready> started) {
        try {
            return started.get();
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError("no worker process", e);
        }
    }

    @Override
    public void close() {
        starter.shutdown();
        for (Future<Ready> each : ahead) {
            try {
                get(each).close();
            } catch (AssertionError e) {
                // This one has not started. The others must not outlive the tests.
            }
        }
    }
}
