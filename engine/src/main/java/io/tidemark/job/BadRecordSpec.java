package io.tidemark.job;

/**
 * What to do with a record that cannot be counted: not JSON, a field missing or of the wrong type, a time that cannot
 * be read, a null value, a number that is not finite.
 *
 * @param policy what becomes of it
 * @param limit how many there may be in one partition and run before that partition fails
 */
public record BadRecordSpec(Policy policy, long limit) {
    /** Enough for a dirty source, and far fewer than a job that reads the wrong field would make. */
    public static final long DEFAULT_LIMIT = 10_000;

    /** What becomes of a bad record. */
    public enum Policy {
        /** It goes to the topic {@code <output>.dead-letter}, in the transaction of the rows. */
        DEAD_LETTER("deadLetter"),
        /** It is counted and left. */
        SKIP("skip"),
        /** Its partition fails. */
        FAIL("fail");

        private final String jsonName;

        Policy(String jsonName) {
            this.jsonName = jsonName;
        }

        /** The name in a job file: {@code deadLetter}. */
        public String jsonName() {
            return jsonName;
        }
    }

    /** Refuses a negative limit. */
    public BadRecordSpec {
        if (limit < 0) {
            throw new InvalidJobException("badRecords.limit", limit + " is below 0");
        }
    }
}
