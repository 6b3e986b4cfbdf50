package io.tidemark.aggregate;

/** Whom a table asks before it takes memory, and to whom it gives it back. */
public interface Memory {
    /** As much as anybody asks for. */
    Memory UNBOUNDED = new Memory() {
        @Override
        public void take(long bytes) {}

        @Override
        public void giveBack(long bytes) {}
    };

    /**
     * Asks for memory.
     *
     * @throws io.tidemark.run.TidemarkException where there is not as much
     */
    void take(long bytes);

    /** Gives back what was taken. */
    void giveBack(long bytes);
}
