package io.tidemark.worker;

import io.temporal.client.WorkflowClient;
import io.temporal.common.VersioningBehavior;
import io.temporal.common.WorkerDeploymentVersion;
import io.temporal.common.interceptors.WorkerInterceptor;
import io.temporal.worker.WorkerDeploymentOptions;
import io.temporal.worker.WorkerFactory;
import io.temporal.worker.WorkerFactoryOptions;
import io.temporal.worker.WorkerOptions;
import io.tidemark.activity.BatchActivitiesImpl;
import io.tidemark.aggregate.OwnAggregates;
import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.lineage.LineageObserver;
import io.tidemark.metrics.Meters;
import io.tidemark.notify.NoticePosts;
import io.tidemark.notify.Outbox;
import io.tidemark.notify.PostObserver;
import io.tidemark.notify.Webhook;
import io.tidemark.run.Notice;
import io.tidemark.settings.BuildInfo;
import io.tidemark.settings.KafkaSettings;
import io.tidemark.stage.StagingArea;
import io.tidemark.step.Checkpoints;
import io.tidemark.step.WorkerMemory;
import io.tidemark.trace.Traces;
import io.tidemark.workflow.BatchActivities;
import io.tidemark.workflow.NoticeActivities;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Creates the objects of a worker, each in a method that a test can override. */
public class WorkerModule {
    /**
     * Activities of the host queue that the worker accepts at once: those of two of the largest runs. Most of them wait
     * for their turn, each with two idle threads.
     */
    private static final int HOST_SLOTS = 2 * BatchActivities.MOST_ON_HOSTS;

    /**
     * Reads that a worker takes from the shared queue although all its places are taken. Temporal keeps a task that finds no
     * worker in one of the queue's four partitions, and the one poller of a worker with one free slot asks one of them: the
     * last read of a run started 0.6 s after there was a place for it.
     */
    private static final int READS_IN_WAITING = 2;

    /**
     * Threads for workflows. A run has one for each slice at once, two for each of its workflows and one for each group:
     * about 80 with four groups of 16 slices. So 1,000 are enough for twelve large runs on one worker. If more are needed,
     * workflows evict each other, and each eviction costs a replay of the history.
     */
    private static final int WORKFLOW_THREADS = 1_000;

    /**
     * The SDK sends no heartbeat more often than this. By default it holds them back for 0.8 of the heartbeat timeout:
     * then one late heartbeat ends an attempt, and a cancellation arrives late. HeartbeatReporter limits them already, to
     * four in each timeout and five a second.
     */
    private static final Duration HEARTBEAT_THROTTLE = Duration.ofMillis(200);

    private final WorkerSettings settings;
    private final KafkaSettings kafka;
    private final Meters meters = new Meters();
    private final Health health = new Health(System::nanoTime);
    private final OwnAggregates aggregates;
    private final Outlets outlets;

    /** Makes a module for a worker with these settings and one Kafka cluster. */
    public WorkerModule(WorkerSettings settings, KafkaSettings kafka) {
        this(settings, kafka, OwnAggregates.NONE);
    }

    /** The same for a worker with plugins. */
    public WorkerModule(WorkerSettings settings, KafkaSettings kafka, OwnAggregates aggregates) {
        this(settings, kafka, aggregates, Outlets.NONE);
    }

    /** The same for a worker that tells others about runs. */
    public WorkerModule(WorkerSettings settings, KafkaSettings kafka, OwnAggregates aggregates, Outlets outlets) {
        this.settings = settings;
        this.kafka = kafka;
        this.aggregates = aggregates;
        this.outlets = outlets;
    }

    /** Returns the settings of the worker. */
    public final WorkerSettings settings() {
        return settings;
    }

    /** Returns the settings for Kafka. */
    public final KafkaSettings kafka() {
        return kafka;
    }

    /** Returns the metrics of the worker. */
    final Meters meters() {
        return meters;
    }

    /** Returns what the worker knows of its health. */
    Health health() {
        return health;
    }

    /** Returns the aggregates of the worker's plugins. */
    public final OwnAggregates aggregates() {
        return aggregates;
    }

    /** Returns the points at which tests hold or kill a step: none in production. */
    protected Checkpoints checkpoints() {
        return Checkpoints.NONE;
    }

    /** Returns the memory that all running steps share. */
    protected WorkerMemory memory() {
        return WorkerMemory.ofHeap();
    }

    /** Returns the wall clock, in UTC. */
    protected Clock clock() {
        return Clock.systemUTC();
    }

    /** Returns how often the Temporal SDK's metrics are updated. Default: 10 s, a common scrape interval of Prometheus. */
    protected Duration reportEvery() {
        return Duration.ofSeconds(10);
    }

    /** Returns the clients of the Kafka cluster. */
    protected KafkaClients kafkaClients() {
        return new KafkaClients(kafka, settings.reader());
    }

    /** Returns the folder for the files that activities pass to each other; see {@link HostId#generation}. */
    protected StagingArea stagingArea(String generation) {
        return new StagingArea(settings.staging(), generation);
    }

    /** Returns the implementation of the activities, used for both queues. */
    protected BatchActivitiesImpl activities(KafkaClients clients, StagingArea staging, String hostQueue) {
        WorkerMemory memory = memory();
        meters.memory(memory);
        return new BatchActivitiesImpl(
                clients,
                staging,
                hostQueue,
                settings.activities(),
                memory,
                settings.outputTopics(),
                settings.weakReplication(),
                aggregates,
                clock(),
                checkpoints(),
                meters.steps());
    }

    /** Returns the types of notices that this worker sends. */
    final Set<Notice.Type> noticeTypes() {
        Webhook webhook = outlets.webhook();
        return webhook == null ? Set.of() : webhook.on();
    }

    /** Returns the activity that sends notices. */
    final NoticeActivities notices() {
        return new NoticePosts(outlets.webhook(), meters.notices(), clock());
    }

    /** Returns what posts OpenLineage events, or null if nobody takes them. */
    final @Nullable Outbox lineage() {
        PostObserver observer = meters.lineage();
        URI url = outlets.lineage();
        return url == null ? null : new Outbox(url, observer);
    }

    /** Returns what sends traces, or null if nobody takes them. */
    final @Nullable Traces traces() {
        URI url = outlets.otlp();
        return url == null ? null : new Traces(url, BuildInfo.current().text());
    }

    /**
     * Returns a factory, which starts and stops pollers.
     *
     * @param lineage takes OpenLineage events, or null
     * @param traces takes spans, or null
     */
    protected WorkerFactory workerFactory(WorkflowClient client, @Nullable Outbox lineage, @Nullable Traces traces) {
        List<WorkerInterceptor> interceptors = new ArrayList<>(List.of(meters.runs()));
        if (traces != null) {
            interceptors.add(traces.interceptor());
        }
        if (lineage != null) {
            interceptors.add(new LineageObserver(BuildInfo.current().text(), kafka.bootstrapServers(), lineage));
        }
        return WorkerFactory.newInstance(
                client,
                WorkerFactoryOptions.newBuilder()
                        .setMaxWorkflowThreadCount(WORKFLOW_THREADS)
                        .setWorkerInterceptors(interceptors.toArray(WorkerInterceptor[]::new))
                        .build());
    }

    /**
     * Returns the options for the host queue. The worker accepts every task at once and lets it wait in the process,
     * where it sends heartbeats. A task that waits in the queue sends none, and a host that does not take its tasks is
     * considered dead.
     */
    protected WorkerOptions hostWorkerOptions() {
        return WorkerOptions.newBuilder(workerOptions())
                .setMaxConcurrentActivityExecutionSize(HOST_SLOTS)
                .build();
    }

    /** Returns the options for the shared queue. */
    protected WorkerOptions workerOptions() {
        WorkerOptions.Builder options = WorkerOptions.newBuilder();
        WorkerDeploymentVersion version = settings.placement().version();
        if (version != null) {
            // A run takes limits.time at most, so it ends with the workers that it began with. The entry workflow says
            // for itself that it changes its version.
            options.setDeploymentOptions(WorkerDeploymentOptions.newBuilder()
                    .setVersion(version)
                    .setUseVersioning(true)
                    .setDefaultVersioningBehavior(VersioningBehavior.PINNED)
                    .build());
        }
        return options.setMaxConcurrentActivityExecutionSize(settings.activities() + READS_IN_WAITING)
                .setMaxConcurrentActivityTaskPollers(settings.pollers())
                .setMaxHeartbeatThrottleInterval(HEARTBEAT_THROTTLE)
                // Without this, the first heartbeat during a drain interrupts the step, and its work has to be
                // repeated.
                .setAllowActivityHeartbeatDuringShutdown(true)
                .build();
    }
}
