package io.tidemark.aggregator;

/**
 * Makes the aggregators of one name. A worker finds providers with {@link java.util.ServiceLoader}: the jar has a file {@code
 * META-INF/services/io.tidemark.aggregator.AggregatorProvider} with the names of their classes, each of which is public and has
 * a public constructor without parameters.
 */
public interface AggregatorProvider {
    /**
     * The name that jobs use, such as {@code acme.centroid}: words of letters, digits, {@code -} and {@code _}, joined by at least
     * one dot, so that it is never the name of a built-in function. No other provider of a worker may have it.
     */
    String name();

    /**
     * The version of what the aggregator computes and of its bytes, at least 1. Raise it with each change after which old stored
     * totals must not be continued. A job whose totals were stored by another version is refused.
     */
    int version();

    /**
     * Makes an aggregator for a job. It is called once for each step of a run, so it should be fast.
     *
     * @param options what the job says under {@code options}; an option that this method does not ask for is refused
     * @throws IllegalArgumentException if the options contradict each other; the message becomes the refusal of the job
     */
    Aggregator<?> create(Options options);
}
