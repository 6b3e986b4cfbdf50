package io.tidemark.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class ClassListTest {

    @Test
    @Timeout(60)
    void aWorkerIsStartedAsFarAsItGetsWithoutServersAndEnds(@TempDir Path staging) throws Exception {
        ClassList.load(staging);

        // The id was taken, so the worker did start; and it was released, so it did end.
        assertThat(staging.resolve("host-0.id")).isNotEmptyFile();
        try (HostId next = HostId.acquire(staging)) {
            assertThat(staging.resolve("host-1.id")).doesNotExist();
            assertThat(next.id()).isNotEmpty();
        }
    }
}
