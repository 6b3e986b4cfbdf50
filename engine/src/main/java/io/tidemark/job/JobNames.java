package io.tidemark.job;

/**
 * Every name that follows from a job's own: a person who knows the job finds its group, topics and transactional ids
 * without asking, and an administrator can write the ACLs beforehand.
 */
public final class JobNames {
    private JobNames() {}

    /** The consumer group in which the offsets are published: {@code tidemark-<job>}. */
    public static String group(String job) {
        return "tidemark-" + job;
    }

    /** The compacted topic, private to the job, that holds progress and running totals: {@code tidemark.<job>.state}. */
    public static String stateTopic(String job) {
        return "tidemark." + job + ".state";
    }

    /** Whether a topic is the state of some job, by its name. */
    static boolean isStateTopic(String topic) {
        return topic.startsWith("tidemark.") && topic.endsWith(".state");
    }

    /** The topic of records that could not be counted: {@code <output>.dead-letter}. */
    public static String deadLetterTopic(String outputTopic) {
        return outputTopic + ".dead-letter";
    }

    /** What all transactional ids of a job begin with: {@code tidemark/<job>/}. */
    public static String transactionalIdPrefix(String job) {
        return "tidemark/" + job + "/";
    }

    /** The transactional id under which partitions are registered. */
    public static String planTransactionalId(String job) {
        return transactionalIdPrefix(job) + "plan";
    }

    /** The transactional id under which offsets are published. */
    public static String commitTransactionalId(String job) {
        return transactionalIdPrefix(job) + "commit";
    }

    /** The transactional id of a slice: the same for every attempt, so that a newer attempt fences an older one. */
    public static String sliceTransactionalId(String job, int partitionsPerSlice, int slice) {
        return transactionalIdPrefix(job) + partitionsPerSlice + "/" + slice;
    }

    /** The workflow id of the run's body: fixed, so that Temporal itself refuses a second run of a job. */
    public static String workflowId(String job) {
        return "tidemark-" + job;
    }

    /** The id of the job's schedule where none is given: the tutorial's {@code <topic>_batch_processor}. */
    public static String scheduleId(String inputTopic) {
        return inputTopic + "_batch_processor";
    }
}
