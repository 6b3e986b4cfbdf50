package io.tidemark.plan;

import io.tidemark.check.IdentityCheck;
import io.tidemark.check.Retention;
import io.tidemark.check.WeakReplication;
import io.tidemark.check.WrittenRows;
import io.tidemark.job.InputSpec.Rows;
import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
import io.tidemark.job.SliceAdvice;
import io.tidemark.job.Stage;
import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.kafka.client.Right;
import io.tidemark.kafka.client.SecondLook;
import io.tidemark.kafka.cluster.TopicCatalog;
import io.tidemark.kafka.cluster.TopicCatalog.Topic;
import io.tidemark.kafka.input.InputProblems;
import io.tidemark.kafka.input.RecordsInOutput;
import io.tidemark.kafka.input.RowsInInput;
import io.tidemark.kafka.input.TruncationCheck;
import io.tidemark.kafka.state.GroupOffsets;
import io.tidemark.kafka.state.StateTopic;
import io.tidemark.kafka.transaction.FencingProducer;
import io.tidemark.run.FailureKind;
import io.tidemark.run.PartitionProblem;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.RunPlan;
import io.tidemark.run.RunPreview;
import io.tidemark.run.RunSummary;
import io.tidemark.run.TidemarkException;
import io.tidemark.state.Mark;
import io.tidemark.state.PartitionProgress;
import io.tidemark.state.PlanIdentity;
import io.tidemark.step.Checkpoints;
import io.tidemark.step.StoredAggregates;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Step 1, {@code listPartitions}: determines what a run reads. Makes all checks that are possible before an effect. Its
 * effects are to create and grow topics, and to register partitions that are new.
 */
public final class Planner {
    private final KafkaClients clients;
    private final TopicCatalog catalog;
    private final GroupOffsets groups;
    private final StartOffsets startOffsets;
    private final HeldBack heldBack;
    private final TruncationCheck truncation;
    private final Registration registration;
    private final TotalsPlanner totalsPlanner;
    private final WeakReplication weakReplication;

    /** Creates a planner for the clients' cluster. */
    public Planner(KafkaClients clients, Checkpoints checkpoints, WeakReplication weakReplication) {
        this(clients, checkpoints, weakReplication, FencingProducer::new);
    }

    Planner(
            KafkaClients clients,
            Checkpoints checkpoints,
            WeakReplication weakReplication,
            Registration.Producers producers) {
        this.clients = clients;
        this.catalog = new TopicCatalog(clients);
        this.groups = new GroupOffsets(clients);
        this.startOffsets = new StartOffsets(clients);
        this.heldBack =
                new HeldBack(clients, Clock.systemUTC(), clients.retryTimes().openTransaction());
        this.truncation = new TruncationCheck(clients);
        this.registration = new Registration(clients, startOffsets, checkpoints, producers);
        this.totalsPlanner = new TotalsPlanner(clients, heldBack);
        this.weakReplication = weakReplication;
    }

    /**
     * Plans a run.
     *
     * @param runId id of the run, for the metadata of the offsets that a registration publishes
     * @param nominal the nominal time of the run, by which windows close
     * @throws TidemarkException if the job as a whole cannot run; then nothing was created, grown or registered
     */
    public RunPlan plan(JobSpec job, String runId, Instant nominal) {
        if (job.stage() == Stage.TOTALS) {
            return totalsPlanner.plan(job);
        }
        Survey survey = survey(job, nominal);
        // All checks have passed. The effects begin here.
        JobTopics.Ready ready = survey.topics().makeReady();
        if (weakReplication == WeakReplication.REFUSE) {
            TopicSettings.requireReplication(catalog, ready.all(), false);
        }
        PlanIdentity identity =
                identity(survey.check(), survey.input(), ready.result(), ready.state(), survey.progress());
        if (!survey.starts().isEmpty()) {
            registration.register(survey, runId, identity, ready);
        }
        return shared(survey, identity, ready, RunSummary.MAX_DETAILS);
    }

    /**
     * Returns what a run would read now, by the same decisions and with the same failures as {@link #plan}, without an effect:
     * creates and grows no topic, fences no producer, registers no partition and publishes no offset.
     *
     * @param timed for how many partitions, those with the most offsets first, the times of the first and last record are read
     * @throws TidemarkException if the job as a whole could not run
     */
    public RunPreview preview(JobSpec job, Instant nominal, int timed) {
        Survey survey = survey(job, nominal);
        JobTopics.Ready expected = survey.topics().expected();
        PlanIdentity identity =
                identity(survey.check(), survey.input(), expected.result(), expected.state(), survey.progress());
        boolean first = survey.progress().isEmpty();
        Map<Integer, Long> starts = survey.starts();
        if (!starts.isEmpty()) {
            GroupAgreement.requireStateOfPublished(job, survey.progress(), survey.published());
            survey.progress()
                    .putAll(Registration.registered(
                            survey, identity, starts, survey.totals().values()));
        }
        RunPlan plan = shared(survey, identity, expected, Integer.MAX_VALUE);
        Map<Integer, RecordTimes.Span> times = new RecordTimes(clients, job).of(plan.ranges(), timed);
        return new Previews(survey.look(), survey.progress(), starts.keySet(), times)
                .of(
                        plan,
                        first,
                        expected,
                        survey.input().partitions(),
                        job.stage() == Stage.RECORDS
                                ? TwoStages.waiting(catalog, job, survey.progress(), survey.totals())
                                : null);
    }

    /**
     * What a plan found out before it has an effect.
     *
     * @param starts where the partitions without progress are to be read from
     * @param progress changes with a registration
     * @param totals the progress of the stage of totals, by output partition; empty if the job has one stage
     */
    record Survey(
            JobSpec job,
            Topic input,
            IdentityCheck check,
            StateTopic stateTopic,
            JobTopics topics,
            Map<Integer, PartitionProgress> progress,
            Map<Integer, PartitionProgress> totals,
            Map<Integer, GroupOffsets.Committed> published,
            Map<Integer, Long> starts,
            HeldBack.Look look,
            ClosingPlan closing,
            SecondLook leaders,
            List<String> warnings) {}

    /** Makes all checks that are possible before an effect. */
    private Survey survey(JobSpec job, Instant nominal) {
        clients.requireBrokerVersions();
        boolean twoStages = job.stage() == Stage.RECORDS;
        if (twoStages) {
            TwoStages.requireNoHanging(clients);
        }
        Topic input = catalog.findExpected(job.input().topic(), Right.READ)
                .orElseThrow(() -> new TidemarkException(
                        FailureKind.TOPIC_MISSING,
                        "input topic " + job.input().topic() + " does not exist in the cluster at "
                                + clients.bootstrapServers()
                                + "; check input.topic of the job and bootstrap.servers of the"
                                + " worker"));
        groups.requireEmpty(job);
        // Read before the state topic: published offsets are then never ahead of the stored progress, whatever commits
        // in between.
        Map<Integer, GroupOffsets.Committed> published =
                groups.read(JobNames.group(job), input.name(), input.partitions());
        StateTopic stateTopic = new StateTopic(clients, JobNames.stateTopic(job));
        IdentityCheck check = new IdentityCheck(job);
        Topic state =
                catalog.find(JobNames.stateTopic(job), Right.READ, Right.WRITE).orElse(null);
        Map<Integer, PartitionProgress> progress = new TreeMap<>();
        SecondLook leaders = SecondLook.atLeaders(clients);
        if (state != null) {
            Map<Integer, Mark> publishedByUs = new TreeMap<>();
            published.forEach((partition, committed) -> {
                if (committed.ours()) {
                    publishedByUs.put(partition, new Mark(committed.offset(), Mark.NOTHING_CLOSED));
                }
            });
            List<Integer> stored = partitions(Math.min(state.partitions(), input.partitions()));
            progress.putAll(leaders.until(
                    read -> PartitionProgress.reaches(read, publishedByUs), () -> stateTopic.readStable(stored)));
            // Before the other topics: a changed job may name other topics, and this message then explains more.
            progress.forEach(check::requireSameMeaning);
            if (!twoStages) {
                StoredAggregates.requireSameVersions(job, stateTopic, progress.keySet());
            }
        }
        if (twoStages) {
            TwoStages.awaitFirstWatermarks(clients, job, progress, leaders);
        }
        JobTopics topics = JobTopics.find(
                catalog,
                job,
                input,
                state,
                !progress.isEmpty(),
                published.values().stream().anyMatch(GroupOffsets.Committed::ours));
        Map<Integer, PartitionProgress> totals =
                twoStages ? TwoStages.totals(clients, job, topics, progress, leaders) : Map.of();
        if (twoStages) {
            StateTopic ofTotals = new StateTopic(clients, JobNames.stateTopic(job.totals()));
            StoredAggregates.requireSameVersions(job.totals(), ofTotals, totals.keySet());
        }
        TwoStages.requireWhole(catalog, job, progress, totals, SecondLook.atLeaders(clients));
        List<String> warnings = new ArrayList<>();
        Topic output = topics.output();
        if (output != null) {
            warnings.addAll(new OtherWriters(clients).warnings(job, output));
            warnings.addAll(heldBack.inOutput(output));
        }
        Topic result = topics.result();
        if (state != null && result != null) {
            PlanIdentity stored = identity(check, input, result, state, progress);
            progress.forEach((partition, each) -> check.requireSameTopics(stored, partition, each));
        }
        GroupAgreement.requirePublishedByUs(job, progress, published);
        List<Integer> partitions = partitions(input.partitions());
        // Before the stable offsets, so that records which arrive between the two requests keep no window open.
        ClosingPlan closing = ClosingPlan.of(job, nominal, catalog, partitions);
        HeldBack.Look look = heldBack.look(job, partitions);
        warnings.addAll(look.warnings());
        TopicCatalog.Bounds log = look.log();
        Map<Integer, Long> begins = log.begins();
        Map<Integer, Long> ends = log.ends();
        Map<Integer, Long> starts = startOffsets.of(job, progress, published, begins, ends);
        if (!twoStages) {
            requireEmptyOutput(job, topics, stateTopic, starts.keySet(), published);
        } else if (progress.isEmpty()) {
            requireEmptyOutput(
                    job,
                    topics,
                    new StateTopic(clients, JobNames.stateTopic(job.totals())),
                    partitions(job.output().partitions()),
                    Map.of());
        }
        Map<Integer, Long> next = next(progress, starts, begins);
        if (twoStages) {
            Set<Integer> unread = next.keySet().stream()
                    .filter(each -> ends.getOrDefault(each, 0L) > next.getOrDefault(each, 0L))
                    .collect(Collectors.toSet());
            closing.over(TwoStages.windows(progress, totals, unread));
        }
        requireNoRows(job, next, ends);
        warnings.addAll(StateGrowth.warnings(job, progress));
        if (progress.isEmpty()) {
            advise(job, input).ifPresent(warnings::add);
        } else if (!starts.isEmpty()) {
            warnings.add("input topic " + input.name() + " has " + starts.size() + " new partitions, "
                    + input.partitions()
                    + " in all, which are read from their beginning."
                    + (twoStages
                            ? " Their records of windows that are closed are late"
                            : " Records of one key may now arrive"
                                    + " in another partition than before, and each partition has rows of its own: the"
                                    + " output can have several rows with the same key, one in each partition, which a"
                                    + " reader has to combine"));
        }
        if (weakReplication == WeakReplication.REFUSE) {
            TopicSettings.requireReplication(catalog, topics.existing(), true);
        }
        return new Survey(
                job,
                input,
                check,
                stateTopic,
                topics,
                progress,
                totals,
                published,
                starts,
                look,
                closing,
                leaders,
                warnings);
    }

    /** Returns the plan of what is registered, cut to the run's share. */
    private RunPlan shared(Survey survey, PlanIdentity identity, JobTopics.Ready topics, int maxProblems) {
        survey.warnings().addAll(TopicSettings.warnings(catalog, survey.job(), topics));
        return new RunShare(clients)
                .cut(survey.job(), all(survey, identity, maxProblems), survey.progress())
                .withHeldBack(survey.look().offsets())
                .withPublished(GroupAgreement.published(survey, Instant.now()));
    }

    /**
     * Fails if the output has committed records in partitions without stored progress. Either somebody else wrote them,
     * or this job did and its state is lost; in both cases this job would replace complete rows by others.
     */
    private void requireEmptyOutput(
            JobSpec job,
            JobTopics topics,
            StateTopic stateTopic,
            Collection<Integer> unregistered,
            Map<Integer, GroupOffsets.Committed> published) {
        Map<Integer, Long> written = topics.written(unregistered);
        // The group shows whose rows these are; the check after the fence says so.
        written.keySet().removeIf(each -> {
            GroupOffsets.Committed committed = published.get(each);
            return committed != null && committed.ours();
        });
        String state = stateTopic.name();
        if (!written.isEmpty()) {
            // Another plan may have registered them after the state was read, and its run may have written these rows.
            // That plan would have added the partitions to the state topic first.
            int partitions =
                    catalog.find(state, Right.READ).map(Topic::partitions).orElse(0);
            List<Integer> there =
                    written.keySet().stream().filter(each -> each < partitions).toList();
            written.keySet().removeAll(stateTopic.readStable(there).keySet());
        }
        new RecordsInOutput(clients).find(job.output().topic(), written).ifPresent(first -> {
            throw new TidemarkException(
                    FailureKind.OUTPUT_NOT_EMPTY,
                    "job " + job.name() + " has no progress in its state topic " + state
                            + ", but its output " + job.output().topic() + "[" + first.partition() + "] "
                            + (first.certain()
                                    ? "has a record at offset " + first.offset()
                                    : "may have records: it cannot be read from offset " + first.offset()
                                            + " on, because of an open transaction or a missing permission (Read)")
                            + ". If another job or program wrote them, give this job an output.topic of its own. If this"
                            + " job wrote them, its state is lost or its names.prefix was changed: give it a new name and a new"
                            + " output.topic to compute the totals again. To write into this topic all the same, and replace rows with the same keys,"
                            + " set output.shared: true. Nothing was created or written");
        });
    }

    /** Returns the first offset that each partition still has to read. */
    private static Map<Integer, Long> next(
            Map<Integer, PartitionProgress> progress, Map<Integer, Long> starts, Map<Integer, Long> begins) {
        Map<Integer, Long> next = new TreeMap<>(starts);
        progress.forEach((partition, each) -> next.put(partition, each.through()));
        begins.forEach((partition, begin) -> next.merge(partition, begin, Math::max));
        return next;
    }

    /** Fails if the input holds rows of a Tidemark job: each correction of a row would count as a record. */
    private void requireNoRows(JobSpec job, Map<Integer, Long> next, Map<Integer, Long> ends) {
        if (job.input().rows() == Rows.COUNT) {
            return;
        }
        String topic = job.input().topic();
        new RowsInInput(clients, job.input().maxRecordBytes())
                .find(topic, next, ends)
                .ifPresent(row -> {
                    throw new TidemarkException(
                            FailureKind.INVALID_JOB,
                            "input.topic: " + topic + "[" + row.partition() + "] has a row of job " + row.job()
                                    + " at offset "
                                    + row.offset()
                                    + ". That job writes a row again whenever it changes, so this job would count"
                                    + " each correction as a record. Read the input of job " + row.job()
                                    + " instead, or set"
                                    + " input.rows: count to count each row as a record. Nothing was read");
                });
    }

    /** Returns the numbers of a topic's partitions. */
    static List<Integer> partitions(int count) {
        return IntStream.range(0, count).boxed().toList();
    }

    /** Returns the generation of stored totals; 1 if there are none. */
    static long generation(Map<Integer, PartitionProgress> progress) {
        return progress.values().stream()
                .mapToLong(each -> each.identity().generation())
                .max()
                .orElse(1);
    }

    private PlanIdentity identity(
            IdentityCheck check, Topic input, Topic result, Topic state, Map<Integer, PartitionProgress> progress) {
        return new PlanIdentity(
                check.fingerprint().hash(),
                generation(progress),
                input.id(),
                result.id(),
                state.id(),
                clients.clusterId(),
                0);
    }

    /** Only before the first run: partitionsPerSlice cannot be changed later. */
    private static Optional<String> advise(JobSpec job, Topic input) {
        return SliceAdvice.partitionsPerSlice(job, input.partitions())
                .map(advised -> SliceAdvice.reason(job, input.partitions(), advised)
                        + ". The value cannot be changed after a job's first run, which is this one: to use the"
                        + " advised value, give the job a new name and set it");
    }

    /** Returns a plan with all new offsets, before the budget is applied. */
    private RunPlan all(Survey survey, PlanIdentity identity, int maxProblems) {
        JobSpec job = survey.job();
        Topic input = survey.input();
        Map<Integer, PartitionProgress> progress = survey.progress();
        Map<Integer, Long> begins = survey.look().log().begins();
        Map<Integer, Long> ends = survey.look().log().ends();
        List<String> warnings = survey.warnings();
        SecondLook leaders = survey.leaders();
        List<PartitionRange> ranges = new ArrayList<>();
        List<PartitionProblem> problems = new ArrayList<>();
        Retention retention = new Retention(catalog, job, Instant.now());
        // Looks of its own: lost rows use up their time, and the other questions need theirs.
        Map<Integer, TidemarkException> failing =
                new WrittenRows(job).failing(catalog, SecondLook.atLeaders(clients), progress, warnings);
        Map<Integer, PartitionProgress> suspects = new TreeMap<>(progress);
        // Offsets that retention removed are reported as a gap, not as truncation.
        suspects.entrySet().removeIf(each -> each.getValue().through() < begins.getOrDefault(each.getKey(), 0L));
        Map<Integer, TidemarkException> truncated = leaders.until(Map::isEmpty, () -> {
            Map<Integer, TidemarkException> found = truncation.problems(
                    input.name(), suspects, survey.look().log().epochs());
            suspects.keySet().retainAll(found.keySet());
            return found;
        });
        for (int partition = 0; partition < input.partitions(); partition++) {
            PartitionProgress stored = progress.get(partition);
            long begin = begins.getOrDefault(partition, 0L);
            long end = ends.getOrDefault(partition, 0L);
            if (stored == null) {
                throw new IllegalStateException("partition " + partition + " has no progress after its registration");
            }
            long through = stored.through();
            try {
                retention.look(partition, stored, begin, end);
                // Removed offsets belong to the range: the run accounts for them.
                long to = Math.max(begin, end);
                if (to < through) {
                    requireLongEnough(catalog, leaders, input.name(), partition, through);
                }
                TidemarkException problem = truncated.getOrDefault(partition, failing.get(partition));
                if (problem != null) {
                    throw problem;
                }
                survey.closing().range(partition, stored, to).ifPresent(ranges::add);
            } catch (TidemarkException e) {
                problems.add(new PartitionProblem(partition, e.kind(), String.valueOf(e.getMessage())));
            }
        }
        warnings.addAll(retention.warnings());
        warnings.addAll(survey.closing().warnings(heldBack));
        int named = Math.min(problems.size(), maxProblems);
        return new RunPlan(
                identity,
                input.partitions(),
                ranges,
                problems.subList(0, named),
                0,
                0,
                null,
                warnings,
                0,
                problems.size() - named,
                null);
    }

    /** Fails if a partition ends before the offset that it was read to. */
    static void requireLongEnough(TopicCatalog catalog, SecondLook leaders, String topic, int partition, long through) {
        long end = end(catalog, leaders, topic, partition, through);
        if (end < through) {
            throw InputProblems.truncated(topic, partition, through, end);
        }
    }

    /** Returns the end of a partition; asks again if it is before an offset that it must have had. */
    static long end(TopicCatalog catalog, SecondLook leaders, String topic, int partition, long least) {
        return leaders.until(
                each -> each >= least,
                () -> catalog.highWatermarks(topic, List.of(partition)).getOrDefault(partition, 0L));
    }
}
