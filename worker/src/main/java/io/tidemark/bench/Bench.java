package io.tidemark.bench;

import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import io.tidemark.bench.Result.Note;
import io.tidemark.bench.Result.Series;
import io.tidemark.cli.OutputReader;
import io.tidemark.job.JobNames;
import io.tidemark.run.RunSummary;
import io.tidemark.workflow.KafkaBatchWorkflow;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Measures workloads, each with servers of its own. Every run's rows are proved right before its time counts.
 *
 * @param runs how many times each side is measured
 * @param warmUp how many times each side runs before that
 * @param threads of the bare consumer
 * @param workerHeap most heap of the worker, such as {@code 256m}
 * @param out gets a line for each run
 */
record Bench(int runs, int warmUp, int threads, String workerHeap, PrintWriter out) {

    private static final String TOPIC = "bench-readings";
    private static final String JOB = "bench";
    private static final long SEED = 20061216;

    /** The bare consumer's and Kafka Streams': never what holds them back. */
    private static final String OTHER_HEAP = "1g";

    /** Topics of a job: its rows and its state. */
    private static final int TOPICS_PER_JOB = 2;

    Bench {
        if (runs < 1 || warmUp < 0 || threads < 1) {
            throw new IllegalArgumentException("--runs is " + runs + ", --warm-up is " + warmUp + ", --threads is "
                    + threads + "; nothing can be measured that way");
        }
    }

    /** What is new in the input when a run begins. */
    enum Input {
        /** Everything, each time: every run is the first run of a job of its own, and creates its topics. */
        FIRST_RUN,
        /** A batch of records, each time: as a schedule does it, the same job again and again. */
        NEXT_BATCH,
        /** Nothing. */
        NOTHING
    }

    /** One side's figures, as they come. */
    private static final class Side {
        private final List<Double> wall = new ArrayList<>();
        private final List<Double> cpu = new ArrayList<>();
        private MemoryPeak peak = MemoryPeak.NONE;

        void add(double seconds, double cpuSeconds) {
            wall.add(seconds);
            cpu.add(cpuSeconds);
        }

        Series series(String name) {
            return new Series(name, new Figures(wall), new Figures(cpu), peak);
        }
    }

    /** Whole runs, from asking for the workflow to its result, in turn with the bare consumer over the same records. */
    Result runs(Workload workload, Input input) {
        int jobs = input == Input.FIRST_RUN ? warmUp + runs : 1;
        requireRoom((long) workload.partitions() * (1 + TOPICS_PER_JOB * jobs));
        begin(workload);
        Truth truth = new Truth();
        Side bareSide = new Side();
        Side ourSide = new Side();
        List<Note> notes = new ArrayList<>();
        try (BenchServers servers = BenchServers.start()) {
            servers.createTopic(TOPIC, workload.partitions());
            long begun = System.nanoTime();
            try (ChildJvm worker = WorkerProcess.start(servers, workerHeap);
                    ChildJvm bare = bareConsumer(servers, workload)) {
                WorkerProcess.awaitReady(worker);
                notes.add(new Note("worker start to first poll", since(begun), "s"));
                if (input == Input.NEXT_BATCH) {
                    // Its topics are made now; a run of thousands of partitions would be about little else.
                    notes.add(new Note("first run, over an empty topic", run(servers, worker, workload, JOB), "s"));
                } else {
                    fill(servers, workload, 0, truth);
                }
                if (input == Input.NOTHING) {
                    notes.add(new Note("first run, with everything new", run(servers, worker, workload, JOB), "s"));
                    check(servers, JOB, truth);
                }
                out.println(
                        input == Input.NOTHING
                                ? "                 tidemark"
                                : "             bare consumer      tidemark");
                for (int i = 1 - warmUp; i <= runs; i++) {
                    boolean counts = i >= 1;
                    if (input == Input.NEXT_BATCH) {
                        fill(servers, workload, i + warmUp, truth);
                    }
                    double bareSeconds = input == Input.NOTHING
                            ? 0
                            : barePass(bare, input, workload, counts ? bareSide : new Side());
                    String job = input == Input.FIRST_RUN ? JOB + "-" + (i + warmUp) : JOB;
                    double cpuBefore = worker.cpuSeconds();
                    double seconds = run(servers, worker, workload, job);
                    double cpuSeconds = worker.cpuSeconds() - cpuBefore;
                    check(servers, job, truth);
                    if (counts) {
                        ourSide.add(seconds, cpuSeconds);
                    }
                    tell(i, input == Input.NOTHING ? null : bareSeconds, seconds);
                    if (i == runs) {
                        notes.add(new Note("history of the run's body", historyLength(servers, job), "events"));
                    }
                }
                ourSide.peak = worker.memoryPeak();
                bareSide.peak = bare.memoryPeak();
            }
        }
        String work = switch (input) {
            case FIRST_RUN -> workload.toString();
            case NEXT_BATCH -> workload + ", topics there";
            case NOTHING -> String.format(Locale.ROOT, "nothing new, %,d partitions", workload.partitions());
        };
        Series bareSeries = input == Input.NOTHING ? null : bareSide.series("bare consumer, " + threads + " threads");
        return end(
                truth,
                input == Input.NOTHING ? 0 : workload.records(),
                new Result(work, ourSide.series("tidemark"), bareSeries, notes));
    }

    /**
     * From nothing: a worker process is started for a run that waits for it; in turn with a Kafka Streams process,
     * exactly-once, from its start until all is committed.
     */
    Result cold(Workload workload) {
        if (workload.groups() > 0) {
            throw new IllegalArgumentException(
                    "--groups is " + workload.groups() + ", and the Kafka Streams of --cold takes means by day only");
        }
        requireRoom((long) workload.partitions() * (1 + TOPICS_PER_JOB * 2 * runs));
        begin(workload);
        Truth truth = new Truth();
        Side streamsSide = new Side();
        Side ourSide = new Side();
        try (BenchServers servers = BenchServers.start()) {
            servers.createTopic(TOPIC, workload.partitions());
            fill(servers, workload, 0, truth);
            out.println("             kafka streams      tidemark");
            for (int i = 1; i <= runs; i++) {
                double streams = coldStreams(servers, workload, i, truth, streamsSide);
                double ours = coldRun(servers, workload, JOB + "-" + i, ourSide);
                check(servers, JOB + "-" + i, truth);
                tell(i, streams, ours);
            }
        }
        return end(
                truth,
                workload.records(),
                new Result(
                        "cold: process start and " + workload,
                        ourSide.series("tidemark, worker start to result"),
                        streamsSide.series("kafka streams exactly-once, process start to last commit"),
                        List.of()));
    }

    /** How long a worker process takes until it polls. */
    Result starts() {
        Side side = new Side();
        try (BenchServers servers = BenchServers.start()) {
            for (int i = 1 - warmUp; i <= runs; i++) {
                long begun = System.nanoTime();
                try (ChildJvm worker = WorkerProcess.start(servers, workerHeap)) {
                    WorkerProcess.awaitReady(worker);
                    double seconds = since(begun);
                    if (i >= 1) {
                        side.add(seconds, worker.cpuSeconds());
                    }
                    side.peak = side.peak.max(worker.memoryPeak());
                    tell(i, null, seconds);
                }
            }
        }
        Result result = new Result("worker start to first poll", side.series("worker"), null, List.of());
        out.println(result.tidemark().describe(0));
        return result;
    }

    private double coldRun(BenchServers servers, Workload workload, String job, Side side) {
        long begun = System.nanoTime();
        try (ChildJvm worker = WorkerProcess.start(servers, workerHeap)) {
            CompletableFuture<RunSummary> result = start(servers, workload, job);
            WorkerProcess.awaitReady(worker);
            await(result, worker, job);
            double seconds = since(begun);
            side.add(seconds, worker.cpuSeconds());
            side.peak = side.peak.max(worker.memoryPeak());
            return seconds;
        }
    }

    private static double coldStreams(BenchServers servers, Workload workload, int number, Truth truth, Side side) {
        String application = "streams-" + number;
        String output = Workload.outputTopic(application);
        servers.createTopic(output, workload.partitions());
        long begun = System.nanoTime();
        try (ChildJvm streams =
                StreamsProcess.start(OTHER_HEAP, servers.kafka().bootstrapServers(), application, TOPIC, output)) {
            streams.read();
            double seconds = since(begun);
            side.add(seconds, streams.cpuSeconds());
            side.peak = side.peak.max(streams.memoryPeak());
            truth.check(StreamsProcess.rows(OutputReader.read(servers.kafka(), output, null)));
            return seconds;
        }
    }

    private ChildJvm bareConsumer(BenchServers servers, Workload workload) {
        return ChildJvm.start(
                BareConsumer.class,
                OTHER_HEAP,
                servers.kafka().bootstrapServers(),
                TOPIC,
                Integer.toString(workload.partitions()),
                Integer.toString(threads));
    }

    private static double barePass(ChildJvm bare, Input input, Workload workload, Side side) {
        double cpuBefore = bare.cpuSeconds();
        String[] answer = bare.ask(input == Input.NEXT_BATCH ? "new" : "all").split(" ");
        if (Long.parseLong(answer[1]) != workload.records()) {
            throw new IllegalStateException(
                    "the bare consumer read " + answer[1] + " records, " + workload.records() + " were written");
        }
        double seconds = Double.parseDouble(answer[0]);
        side.add(seconds, bare.cpuSeconds() - cpuBefore);
        return seconds;
    }

    /** From asking for the run to having its result, in seconds. */
    private static double run(BenchServers servers, ChildJvm worker, Workload workload, String job) {
        long begun = System.nanoTime();
        await(start(servers, workload, job), worker, job);
        return since(begun);
    }

    private static CompletableFuture<RunSummary> start(BenchServers servers, Workload workload, String job) {
        WorkflowStub run = servers.client()
                .newUntypedWorkflowStub(
                        KafkaBatchWorkflow.TYPE,
                        WorkflowOptions.newBuilder()
                                .setWorkflowId(job + "-run")
                                .setTaskQueue(KafkaBatchWorkflow.TASK_QUEUE)
                                .build());
        run.start(workload.job(job, TOPIC));
        return run.getResultAsync(RunSummary.class);
    }

    private static void await(CompletableFuture<RunSummary> result, ChildJvm worker, String job) {
        CompletableFuture.anyOf(result, worker.exit()).join();
        if (!result.isDone()) {
            throw new IllegalStateException("the worker ended during " + job + worker.lastWords());
        }
        RunSummary summary = result.join();
        if (summary.state() != RunSummary.State.DONE) {
            throw new IllegalStateException(job + " ended " + summary.state() + ": " + summary.error());
        }
    }

    private static int historyLength(BenchServers servers, String job) {
        return servers.client()
                .fetchHistory(JobNames.workflowId(job))
                .getEvents()
                .size();
    }

    private static void check(BenchServers servers, String job, Truth truth) {
        truth.check(OutputReader.read(servers.kafka(), Workload.outputTopic(job), null));
    }

    private static void fill(BenchServers servers, Workload workload, int batch, Truth truth) {
        Map<String, Object> settings = servers.kafka().producer();
        settings.putAll(Map.of("compression.type", workload.compression(), "linger.ms", "50", "batch.size", "262144"));
        new BenchReadings(workload, SEED + batch).writeTo(TOPIC, settings, truth);
    }

    private static void requireRoom(long partitions) {
        MachineLimits.here().refusal(partitions).ifPresent(why -> {
            throw new IllegalStateException(why);
        });
    }

    private void begin(Workload workload) {
        out.println();
        out.println(workload);
    }

    private void tell(int run, @Nullable Double other, double ours) {
        String label = run < 1 ? "warm-up" : "run " + run;
        out.println(
                other == null
                        ? String.format(Locale.ROOT, "%-10s %13.2f s", label, ours)
                        : String.format(Locale.ROOT, "%-10s %13.2f s %11.2f s", label, other, ours));
    }

    private Result end(Truth truth, long records, Result result) {
        out.printf(
                Locale.ROOT,
                "Every run's rows were equal to the generator's sums: %,d rows, counts the same, means within %s.%n",
                truth.rows(),
                Truth.RELATIVE_ERROR);
        if (result.other() != null) {
            out.println(result.other().describe(records));
        }
        out.println(result.tidemark().describe(records));
        if (result.ratio() != null) {
            out.printf(Locale.ROOT, "ratio of the medians: %.2f%n", result.ratio());
        }
        result.notes().forEach(out::println);
        return result;
    }

    private static double since(long begun) {
        return (System.nanoTime() - begun) / 1e9;
    }
}
