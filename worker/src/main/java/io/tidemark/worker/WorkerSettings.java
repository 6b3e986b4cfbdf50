package io.tidemark.worker;

import io.tidemark.check.OutputTopics;
import io.tidemark.kafka.client.ReaderKind;
import io.tidemark.workflow.KafkaBatchWorkflow;
import java.nio.file.Path;
import java.time.Duration;

/**
 * How a worker works; what it connects to is settled elsewhere.
 *
 * @param taskQueue the queue that all workers poll; the host's own queue is named after it
 * @param staging folder of staged files: a local disk that outlives a restart of the process
 * @param activities how many splits are read at once, and how many slices are written
 * @param pollers how many ask for activities at once, on each of the two queues
 * @param drain how long running activities may go on after a stop
 * @param stagedFor age at which staged files count as left by a dead process
 * @param reader how input topics are read
 * @param outputTopics where jobs may write
 */
public record WorkerSettings(
        String taskQueue,
        Path staging,
        int activities,
        int pollers,
        Duration drain,
        Duration stagedFor,
        ReaderKind reader,
        OutputTopics outputTopics) {

    /** Survives a restart of the process, and each user of a machine has one. */
    public static final Path DEFAULT_STAGING =
            Path.of(System.getProperty("java.io.tmpdir"), "tidemark-" + System.getProperty("user.name"));

    /** A produce waits for Kafka most of the time, a consume computes: two for each core keep both busy. */
    public static final int DEFAULT_ACTIVITIES = 2 * Runtime.getRuntime().availableProcessors();

    /**
     * More than the four partitions that Temporal splits a queue into by default. With two pollers a task that had to wait
     * for a slot could lie in a partition where nobody asked for it, for one to two seconds.
     */
    public static final int DEFAULT_POLLERS = 5;

    /** With the ten seconds of the stop after it, below the 30 that Kubernetes gives between its two signals. */
    public static final Duration DEFAULT_DRAIN = Duration.ofSeconds(15);

    /** Far above limits.time of any sensible job (the default is an hour). */
    public static final Duration DEFAULT_STAGED_FOR = Duration.ofDays(2);

    /** Half the time of the other (docs/decisions/0018-fetch-reader.md). */
    public static final ReaderKind DEFAULT_READER = ReaderKind.FETCH;

    /** Refuses what no worker could do. */
    public WorkerSettings {
        if (taskQueue.isBlank()) {
            throw new IllegalArgumentException("--task-queue is empty");
        }
        if (activities < 1 || pollers < 1) {
            throw new IllegalArgumentException("--activities is " + activities + ", pollers are " + pollers
                    + "; a worker needs at least one of each");
        }
    }

    /** What holds where nobody says anything. */
    public static WorkerSettings defaults() {
        return new WorkerSettings(
                KafkaBatchWorkflow.TASK_QUEUE,
                DEFAULT_STAGING,
                DEFAULT_ACTIVITIES,
                DEFAULT_POLLERS,
                DEFAULT_DRAIN,
                DEFAULT_STAGED_FOR,
                DEFAULT_READER,
                OutputTopics.ANY);
    }

    /** The same with another folder of staged files. */
    public WorkerSettings withStaging(Path folder) {
        return new WorkerSettings(taskQueue, folder, activities, pollers, drain, stagedFor, reader, outputTopics);
    }
}
