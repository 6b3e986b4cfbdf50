package io.tidemark.bench;

import io.tidemark.bench.Result.Note;
import io.tidemark.cli.OutputReader;
import io.tidemark.job.JobSpec;
import io.tidemark.run.RunSummary;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;

/**
 * Measures workloads, each with its own servers. A run is counted only after its rows have been checked.
 *
 * @param runs measured runs of each side
 * @param warmUp runs of each side before the measurement
 * @param threads threads of the bare consumer
 * @param workerHeap maximum heap of the worker, such as {@code 256m}
 * @param timeline whether to print the tasks of the last run
 * @param scrapeSeconds how often the worker's metrics are scraped; 0 for never
 * @param out where a line for each run is printed
 */
record Bench(
        int runs, int warmUp, int threads, String workerHeap, boolean timeline, int scrapeSeconds, PrintWriter out) {

    private static final String JOB = "bench";
    private static final String JOB_LIKE = "bench-like";

    /** Heap of the bare consumer and of Kafka Streams: more than they need. */
    private static final String OTHER_HEAP = "1g";

    /** Topics that each job creates: output and state. */
    private static final int TOPICS_PER_JOB = 2;

    Bench {
        if (runs < 1 || warmUp < 0 || threads < 1) {
            throw new IllegalArgumentException("--runs is " + runs + ", --warm-up is " + warmUp + ", --threads is "
                    + threads + "; --runs and --threads must be at least 1, --warm-up at least 0");
        }
    }

    /**
     * Measures runs over the whole topic, alternating with the bare consumer over the same records. Each run is of a
     * new job, which has created its topics and read one record of each partition before.
     */
    Result wholeTopic(Workload workload) {
        begin(workload, warmUp + runs);
        try (BenchServers servers = BenchServers.start()) {
            BenchWork work = new BenchWork(servers, workload);
            work.fill(0);
            return compare(servers, work, workload, false, workload.toString());
        }
    }

    /**
     * Measures later runs, as a schedule starts them, alternating with the bare consumer over the same records. One
     * job, whose topics exist, reads the records that were added before each run.
     */
    Result nextBatches(Workload workload) {
        begin(workload, 1);
        try (BenchServers servers = BenchServers.start()) {
            BenchWork work = new BenchWork(servers, workload);
            return compare(servers, work, workload, true, workload + ", topics there");
        }
    }

    private Result compare(
            BenchServers servers, BenchWork work, Workload workload, boolean nextBatches, String description) {
        Side bareSide = new Side();
        Side ourSide = new Side();
        List<Note> notes = new ArrayList<>();
        List<Double> firstRuns = new ArrayList<>();
        try (ChildJvm worker = startWorker(servers, notes);
                ChildJvm bare = startBareConsumer(servers, workload)) {
            if (nextBatches) {
                // The first run of a job with thousands of partitions mostly creates topics.
                notes.add(new Note("first run, over an empty topic", work.run(worker, JOB), "s"));
            }
            out.println("             bare consumer      tidemark");
            String job = JOB;
            for (int i = 1 - warmUp; i <= runs; i++) {
                if (nextBatches) {
                    work.fill(i + warmUp);
                } else {
                    job = JOB + "-" + (i + warmUp);
                    firstRuns.add(work.firstRun(worker, job));
                }
                double other = barePass(bare, nextBatches ? "new" : "all", workload.records(), i, bareSide);
                print(i, List.of(other), checkedRun(work, worker, job, i, ourSide));
            }
            if (!nextBatches) {
                notes.add(new Note(
                        "first run of a job, with its topics and a record of each partition",
                        new Figures(firstRuns).median(),
                        "s"));
            }
            describe(work, job, notes);
            ourSide.add(worker.memoryPeak());
            bareSide.add(bare.memoryPeak());
        }
        return end(
                work,
                workload.records(),
                new Result(
                        description,
                        ourSide.series("tidemark"),
                        bareSide.series("bare consumer, " + threads + " threads"),
                        notes));
    }

    /**
     * Measures runs of jobs with the aggregates, the condition and the scope of another job, in turn with jobs that compute a
     * count and a mean of the same records, by the same worker.
     *
     * @param idle whether these are later runs of two jobs that find nothing new; otherwise each run is of a new job over the
     *     whole topic
     */
    Result besideMeans(Workload workload, JobSpec like, boolean idle) {
        begin(workload, idle ? 2 : 2 * (warmUp + runs));
        Side meansSide = new Side();
        Side ourSide = new Side();
        List<Note> notes = new ArrayList<>();
        try (BenchServers servers = BenchServers.start()) {
            BenchWork means = new BenchWork(servers, workload);
            means.fill(0);
            BenchWork ours = means.like(like);
            try (ChildJvm worker = startWorker(servers, notes)) {
                if (idle) {
                    means.run(worker, JOB);
                    ours.run(worker, JOB_LIKE);
                }
                out.println("             count and mean     the job");
                for (int i = 1 - warmUp; i <= runs; i++) {
                    String next = "-" + (i + warmUp);
                    double other = idle
                            ? checkedRun(means, worker, JOB, i, meansSide)
                            : preparedRun(means, worker, JOB + next, i, meansSide);
                    double our = idle
                            ? checkedRun(ours, worker, JOB_LIKE, i, ourSide)
                            : preparedRun(ours, worker, JOB_LIKE + next, i, ourSide);
                    print(i, List.of(other), our);
                }
                describe(ours, JOB_LIKE + (idle ? "" : "-" + (runs + warmUp)), notes);
                ourSide.add(worker.memoryPeak());
                meansSide.add(worker.memoryPeak());
            }
            return end(
                    ours,
                    idle ? 0 : workload.records(),
                    new Result(
                            (idle ? "nothing new, " : "") + workload + ": " + like.name()
                                    + " beside a count and a mean",
                            ourSide.series(like.name()),
                            meansSide.series("a count and a mean"),
                            notes));
        }
    }

    /** Makes a run of a new job that has created its topics before. */
    private static double preparedRun(BenchWork work, ChildJvm worker, String job, int number, Side side) {
        work.firstRun(worker, job);
        return checkedRun(work, worker, job, number, side);
    }

    /** Measures later runs without new records. */
    Result idleRuns(Workload workload) {
        begin(workload, 1);
        Side side = new Side();
        List<Note> notes = new ArrayList<>();
        try (BenchServers servers = BenchServers.start()) {
            BenchWork work = new BenchWork(servers, workload);
            work.fill(0);
            try (ChildJvm worker = startWorker(servers, notes)) {
                notes.add(new Note("first run, with everything new", work.run(worker, JOB), "s"));
                for (int i = 1 - warmUp; i <= runs; i++) {
                    print(i, List.of(), checkedRun(work, worker, JOB, i, side));
                }
                describe(work, JOB, notes);
                side.add(worker.memoryPeak());
            }
            String description = String.format(Locale.ROOT, "nothing new, %,d partitions", workload.partitions());
            return end(work, 0, new Result(description, side.series("tidemark"), null, notes));
        }
    }

    /**
     * Measures runs over the whole topic in turn with passes of programs of somebody else over the same records. All
     * have a topic of their own for the rows of each run or pass.
     *
     * @param cold whether a worker is started for each run and its start is part of the time
     */
    Result beside(Workload workload, List<Program.Line> lines, boolean cold) {
        int rounds = (cold ? 0 : warmUp) + runs;
        begin(workload, rounds * (1 + lines.size()));
        List<Note> notes = new ArrayList<>();
        try (BenchServers servers = BenchServers.start()) {
            BenchWork work = new BenchWork(servers, workload);
            work.fill(0);
            try (Beside beside = new Beside(servers, work, workload, lines);
                    ChildJvm worker = cold ? null : startWorker(servers, notes)) {
                Side ourSide = new Side();
                beside.printHeader(out);
                for (int i = 1 + runs - rounds; i <= runs; i++) {
                    List<Double> theirs = beside.passes(i + warmUp, i >= 1);
                    String job = JOB + "-" + (i + warmUp);
                    print(
                            i,
                            theirs,
                            worker == null
                                    ? coldRun(servers, work, job, ourSide)
                                    : preparedRun(work, worker, job, i, ourSide));
                }
                if (worker != null) {
                    describe(work, JOB + "-" + (runs + warmUp), notes);
                    ourSide.add(worker.memoryPeak());
                }
                return end(
                        work,
                        workload.records(),
                        new Result(
                                (cold ? "cold: process start and " : "") + workload,
                                ourSide.series("tidemark" + (cold ? ", worker start to result" : "")),
                                null,
                                notes,
                                beside.series()));
            }
        }
    }

    /**
     * Measures cold starts: from the start of a worker process to the result of a run that waits for it, alternating
     * with an exactly-once Kafka Streams process, from its start to its last commit.
     */
    Result cold(Workload workload) {
        if (workload.groups() > 0) {
            throw new IllegalArgumentException("--groups is " + workload.groups()
                    + "; --cold compares with Kafka Streams over means by day, so it must be 0");
        }
        begin(workload, 2 * runs);
        Side streamsSide = new Side();
        Side ourSide = new Side();
        try (BenchServers servers = BenchServers.start()) {
            BenchWork work = new BenchWork(servers, workload);
            work.fill(0);
            out.println("             kafka streams      tidemark");
            for (int i = 1; i <= runs; i++) {
                double streams = coldStreams(servers, work, workload, "streams-" + i, streamsSide);
                print(i, List.of(streams), coldRun(servers, work, JOB + "-" + i, ourSide));
            }
            return end(
                    work,
                    workload.records(),
                    new Result(
                            "cold: process start and " + workload,
                            ourSide.series("tidemark, worker start to result"),
                            streamsSide.series("kafka streams exactly-once, process start to last commit"),
                            List.of()));
        }
    }

    /** Measures the time from the start of a worker process until it polls. */
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
                    side.add(worker.memoryPeak());
                    print(i, List.of(), seconds);
                }
            }
        }
        Result result = new Result("worker start to first poll", side.series("worker"), null, List.of());
        out.println(result.tidemark().describe(0));
        return result;
    }

    private double coldRun(BenchServers servers, BenchWork work, String job, Side side) {
        long begun = System.nanoTime();
        try (ChildJvm worker = WorkerProcess.start(servers, workerHeap)) {
            CompletableFuture<RunSummary> result = work.start(job);
            WorkerProcess.awaitReady(worker);
            work.await(result, worker, job);
            double seconds = since(begun);
            side.add(seconds, worker.cpuSeconds());
            side.add(worker.memoryPeak());
            work.check(job);
            return seconds;
        }
    }

    private static double coldStreams(
            BenchServers servers, BenchWork work, Workload workload, String application, Side side) {
        String output = Workload.outputTopic(application);
        servers.createTopic(output, workload.partitions());
        long begun = System.nanoTime();
        try (ChildJvm streams = StreamsProcess.start(
                OTHER_HEAP, servers.kafka().bootstrapServers(), application, BenchWork.TOPIC, output)) {
            streams.read();
            double seconds = since(begun);
            side.add(seconds, streams.cpuSeconds());
            side.add(streams.memoryPeak());
            work.truth()
                    .check(OutputReader.read(servers.kafka(), output, null).stream()
                            .map(Beside::inItsPartition)
                            .toList());
            return seconds;
        }
    }

    /** Notes the length of the last run's history; prints its timeline if that is wanted. */
    private void describe(BenchWork work, String job, List<Note> notes) {
        notes.add(new Note("history of the run's body", work.historyLength(job), "events"));
        if (timeline) {
            work.timeline(job).print(out);
        }
    }

    private ChildJvm startWorker(BenchServers servers, List<Note> notes) {
        String[] metrics = scrapeSeconds == 0 ? new String[0] : new String[] {Scraper.option()};
        long begun = System.nanoTime();
        ChildJvm worker = WorkerProcess.start(servers, workerHeap, metrics);
        WorkerProcess.awaitReady(worker);
        notes.add(new Note("worker start to first poll", since(begun), "s"));
        if (metrics.length > 0) {
            Scraper.start(metrics[0], Duration.ofSeconds(scrapeSeconds));
            out.println("the worker's metrics are scraped every " + scrapeSeconds + " s");
        }
        return worker;
    }

    private ChildJvm startBareConsumer(BenchServers servers, Workload workload) {
        return ChildJvm.start(
                BareConsumer.class,
                OTHER_HEAP,
                servers.kafka().bootstrapServers(),
                BenchWork.TOPIC,
                Integer.toString(workload.partitions()),
                Integer.toString(threads));
    }

    /** Makes a pass of the bare consumer. Passes with a number below 1 are the warm-up and are not counted. */
    private static double barePass(ChildJvm bare, String which, long records, int number, Side side) {
        double cpuBefore = bare.cpuSeconds();
        String[] answer = bare.ask(which).split(" ");
        if (Long.parseLong(answer[1]) != records) {
            throw new IllegalStateException("the bare consumer read " + answer[1] + " records, expected " + records);
        }
        double seconds = Double.parseDouble(answer[0]);
        if (number >= 1) {
            side.add(seconds, bare.cpuSeconds() - cpuBefore);
        }
        return seconds;
    }

    /** Makes a run and checks its rows. Runs with a number below 1 are the warm-up and are not counted. */
    private static double checkedRun(BenchWork work, ChildJvm worker, String job, int number, Side side) {
        double cpuBefore = worker.cpuSeconds();
        double seconds = work.run(worker, job);
        double cpuSeconds = worker.cpuSeconds() - cpuBefore;
        work.check(job);
        if (number >= 1) {
            side.add(seconds, cpuSeconds);
        }
        return seconds;
    }

    /** Fails now if the machine cannot hold the topics, rather than after hours. */
    private void begin(Workload workload, int jobs) {
        MachineLimits.here()
                .refusal((long) workload.partitions() * (1 + TOPICS_PER_JOB * jobs))
                .ifPresent(why -> {
                    throw new IllegalStateException(why);
                });
        out.println();
        out.println(workload);
    }

    private void print(int run, List<Double> others, double ours) {
        StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "%-10s", run < 1 ? "warm-up" : "run " + run));
        int width = 13;
        for (double other : others) {
            line.append(String.format(Locale.ROOT, " %" + width + ".2f s", other));
            width = 11;
        }
        out.println(line.append(String.format(Locale.ROOT, " %" + width + ".2f s", ours)));
    }

    private Result end(BenchWork work, long records, Result result) {
        out.printf(
                Locale.ROOT,
                "In every run, the rows were equal to the generator's sums: %,d rows, counts the same, means within %s.%n",
                work.truth().rows(),
                Truth.RELATIVE_ERROR);
        if (!result.beside().isEmpty()) {
            out.println("So were those of the programs, means within " + Beside.RELATIVE_ERROR + ".");
        }
        if (result.other() != null) {
            out.println(result.other().describe(records));
        }
        out.println(result.tidemark().describe(records));
        if (result.ratio() != null) {
            out.printf(Locale.ROOT, "ratio of the medians: %.2f%n", result.ratio());
        }
        for (int i = 0; i < result.beside().size(); i++) {
            out.println(result.beside().get(i).describe(records));
            out.printf(
                    Locale.ROOT,
                    "ratio of the medians, tidemark to %d: %.2f%n",
                    i + 1,
                    result.ratiosBeside().get(i));
        }
        result.notes().forEach(out::println);
        return result;
    }

    private static double since(long begun) {
        return (System.nanoTime() - begun) / 1e9;
    }
}
