package io.tidemark.job;

import java.util.regex.Pattern;

/** The names that are made from a job's name. An administrator can write the ACLs of a job before its first run. */
public final class JobNames {
    /** Topics that only Tidemark reads and writes. */
    private static final Pattern PRIVATE =
            Pattern.compile("(.*tidemark\\.[a-z0-9-]+|tidemark\\..*)\\.(state|partials|totals)");

    private JobNames() {}

    /** The consumer group in which the offsets are published: {@code tidemark-<job>}, after the job's prefix. */
    public static String group(JobSpec job) {
        return group(job.names(), job.name());
    }

    static String group(NamesSpec names, String job) {
        return names.prefix() + "tidemark-" + job;
    }

    /**
     * The compacted topic, private to the job, that holds progress and running totals: {@code tidemark.<job>.state}, or
     * {@code tidemark.<job>.totals} for {@link Stage#TOTALS}, after the job's prefix.
     */
    public static String stateTopic(JobSpec job) {
        return job.stage() == Stage.TOTALS ? totalsTopic(job) : recordsStateTopic(job);
    }

    /** The state topic of the stage that reads records, whichever stage the job describes. */
    public static String recordsStateTopic(JobSpec job) {
        return stateTopic(job.names(), job.name());
    }

    static String stateTopic(NamesSpec names, String job) {
        return own(names, job, "state");
    }

    /**
     * The topic, private to a job with {@link Scope#TOPIC}, that holds the partial totals between its stages: {@code
     * tidemark.<job>.partials}, after the job's prefix.
     */
    public static String partialsTopic(JobSpec job) {
        return partialsTopic(job.names(), job.name());
    }

    static String partialsTopic(NamesSpec names, String job) {
        return own(names, job, "partials");
    }

    private static String totalsTopic(JobSpec job) {
        return own(job.names(), job.name(), "totals");
    }

    private static String own(NamesSpec names, String job, String kind) {
        return names.prefix() + "tidemark." + job + "." + kind;
    }

    /** The topic that a stage writes its results to: partial totals or rows. */
    public static String resultTopic(JobSpec job) {
        return job.stage() == Stage.RECORDS ? partialsTopic(job) : job.output().topic();
    }

    /** Whether a topic is private to any job, by its name: its state, or what is between its stages. */
    static boolean isPrivateTopic(String topic) {
        return PRIVATE.matcher(topic).matches();
    }

    /** The topic of bad records: {@code <output>.dead-letter}. */
    public static String deadLetterTopic(String outputTopic) {
        return outputTopic + ".dead-letter";
    }

    /** The prefix of all transactional ids of a job: {@code tidemark/<job>/}, after the job's prefix. */
    public static String transactionalIdPrefix(JobSpec job) {
        return job.names().prefix() + "tidemark/" + job.name() + "/";
    }

    /** The transactional id under which partitions are registered. */
    public static String planTransactionalId(JobSpec job) {
        return transactionalIdPrefix(job) + "plan";
    }

    /** The transactional id under which offsets are published. */
    public static String commitTransactionalId(JobSpec job) {
        return transactionalIdPrefix(job) + "commit";
    }

    /** The transactional id of a slice: the same for every attempt, so that a newer attempt fences an older one. */
    public static String sliceTransactionalId(JobSpec job, int slice) {
        return transactionalIdPrefix(job) + (job.stage() == Stage.TOTALS ? "t" : "") + job.partitionsPerSlice() + "/"
                + slice;
    }

    /** The workflow id of a run's body: always the same, so that Temporal refuses a second run of the job. */
    public static String workflowId(String job) {
        return "tidemark-" + job;
    }

    /** The name of the job whose body has this workflow id. */
    public static String jobOf(String workflowId) {
        return workflowId.substring(workflowId("").length());
    }

    /**
     * The default id of a job's schedule: {@code tidemark-<job>}. Ids of schedules and ids of workflows do not collide:
     * the workflows that a schedule starts have ids of their own.
     */
    public static String scheduleId(String job) {
        return "tidemark-" + job;
    }

    /** The id of the tutorial and of version 0.1: {@code <topic>_batch_processor}. Jobs of one topic share it. */
    public static String tutorialScheduleId(String inputTopic) {
        return inputTopic + "_batch_processor";
    }
}
