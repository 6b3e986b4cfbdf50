package io.tidemark.job;

/** Which records a row of a job has. */
public enum Scope {
    /** Those of one input partition: a group has a row in each partition that has records of it. */
    PARTITION,
    /** Those of all input partitions: a group has one row. */
    TOPIC
}
