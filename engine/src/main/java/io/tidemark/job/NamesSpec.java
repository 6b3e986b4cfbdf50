package io.tidemark.job;

/**
 * How the names of a job's group, state topic and transactional ids begin.
 *
 * @param prefix what stands before {@code tidemark}; empty for nothing
 */
public record NamesSpec(String prefix) {
    /** Names without a prefix. */
    public static final NamesSpec NONE = new NamesSpec("");
}
