package io.tidemark.aggregate;

/** Accounts for the memory of tables: a table reserves bytes before it allocates them, and releases them. */
public interface Memory {
    /** Grants every request. */
    Memory UNBOUNDED = new Memory() {
        @Override
        public void take(long bytes) {}

        @Override
        public void giveBack(long bytes) {}
    };

    /**
     * Reserves memory. If there is not enough, the implementation throws an unchecked exception and reserves nothing.
     */
    void take(long bytes);

    /** Releases reserved memory. */
    void giveBack(long bytes);
}
