package io.tidemark.worker;

import io.tidemark.check.OutputTopics;
import io.tidemark.check.WeakReplication;
import io.tidemark.kafka.client.ReaderKind;
import io.tidemark.workflow.KafkaBatchWorkflow;
import java.nio.file.Path;
import java.time.Duration;

/**
 * The settings of a worker, without those of its connections to Kafka and Temporal.
 *
 * @param taskQueue task queue that all workers poll; the name of the host queue starts with it
 * @param staging folder of staged files; must be on a local disk that outlives a restart of the process
 * @param activities splits that are read at once, and slices that are written at once
 * @param pollers pollers for activities, on each of the two queues
 * @param drain time that running activities, and slices that were read here, get to complete when the worker stops
 * @param stagedFor age after which staged files are deleted, because their process must be dead
 * @param reader how input topics are read
 * @param outputTopics the topics that jobs may write to
 * @param weakReplication whether jobs may use topics that are replicated weakly
 * @param placement host and version of the process
 */
public record WorkerSettings(
        String taskQueue,
        Path staging,
        int activities,
        int pollers,
        Duration drain,
        Duration stagedFor,
        ReaderKind reader,
        OutputTopics outputTopics,
        WeakReplication weakReplication,
        Placement placement) {

    /** Survives a restart of the process. Users of the same machine have different folders. */
    public static final Path DEFAULT_STAGING =
            Path.of(System.getProperty("java.io.tmpdir"), "tidemark-" + System.getProperty("user.name"));

    /** Two for each core: a produce mostly waits for Kafka, while a consume computes. */
    public static final int DEFAULT_ACTIVITIES = 2 * Runtime.getRuntime().availableProcessors();

    /**
     * More than the 4 partitions into which Temporal divides a queue by default. With 2 pollers, a task that had to
     * wait for a slot could stay for 1 to 2 s in a partition that nobody polled.
     */
    public static final int DEFAULT_POLLERS = 5;

    /**
     * Together with the 10 s of the stop that follows, less than the 30 s that Kubernetes waits before it kills a
     * process.
     */
    public static final Duration DEFAULT_DRAIN = Duration.ofSeconds(15);

    /** Far more than a reasonable {@code limits.time}; the default of that is one hour. */
    public static final Duration DEFAULT_STAGED_FOR = Duration.ofDays(2);

    /** Takes half the time of the other reader (docs/decisions/0018-fetch-reader.md). */
    public static final ReaderKind DEFAULT_READER = ReaderKind.FETCH;

    /** Throws {@code IllegalArgumentException} if the queue has no name or a number is too small. */
    public WorkerSettings {
        if (taskQueue.isBlank()) {
            throw new IllegalArgumentException("--task-queue is empty");
        }
        if (drain.isNegative()) {
            throw new IllegalArgumentException(
                    "--drain is " + drain.toSeconds() + "; it is a number of seconds, at least 0");
        }
        if (activities < 1 || pollers < 1) {
            throw new IllegalArgumentException("--activities is " + activities + ", pollers are " + pollers
                    + "; a worker needs at least one of each");
        }
    }

    /** Returns the default settings. */
    public static WorkerSettings defaults() {
        return new WorkerSettings(
                KafkaBatchWorkflow.TASK_QUEUE,
                DEFAULT_STAGING,
                DEFAULT_ACTIVITIES,
                DEFAULT_POLLERS,
                DEFAULT_DRAIN,
                DEFAULT_STAGED_FOR,
                DEFAULT_READER,
                OutputTopics.ANY,
                WeakReplication.WARN,
                Placement.LOCAL);
    }

    /** Returns these settings with another folder of staged files. */
    public WorkerSettings withStaging(Path folder) {
        return new WorkerSettings(
                taskQueue,
                folder,
                activities,
                pollers,
                drain,
                stagedFor,
                reader,
                outputTopics,
                weakReplication,
                placement);
    }

    /** Returns these settings with another host and version. */
    public WorkerSettings withPlacement(Placement other) {
        return new WorkerSettings(
                taskQueue,
                staging,
                activities,
                pollers,
                drain,
                stagedFor,
                reader,
                outputTopics,
                weakReplication,
                other);
    }
}
