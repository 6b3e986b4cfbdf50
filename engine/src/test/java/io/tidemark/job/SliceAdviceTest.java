package io.tidemark.job;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SliceAdviceTest {
    private static final JobSpec JOB = JobCodec.read(TestJobs.json(TestJobs.TUTORIAL));

    @ParameterizedTest
    @CsvSource({"101, 8", "256, 8", "257, 16", "1000, 32", "5000, 160", "10000, 320", "100000, 1000"})
    void manyPartitionsShareAFewSlices(int partitions, int advised) {
        assertThat(SliceAdvice.partitionsPerSlice(JOB, partitions)).contains(advised);
    }

    @Test
    void aHundredPartitionsMayHaveASliceEach() {
        assertThat(SliceAdvice.partitionsPerSlice(JOB, 100)).isEmpty();
    }

    @Test
    void whoHasChosenIsNotAdvised() {
        JobSpec chosen = JobCodec.read(TestJobs.with("/partitionsPerSlice", "2"));

        assertThat(SliceAdvice.partitionsPerSlice(chosen, 5_000)).isEmpty();
    }

    @Test
    void theReasonSaysWhatIsThereAndWhatWouldDo() {
        assertThat(SliceAdvice.reason(JOB, 1_000, 32))
                .contains("1,000 partitions", "partitionsPerSlice: 1 ", "partitionsPerSlice: 32 there are 32 slices");
    }
}
