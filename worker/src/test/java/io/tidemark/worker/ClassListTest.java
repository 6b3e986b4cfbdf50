package io.tidemark.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class ClassListTest {

    @Test
    @Timeout(60)
    void aWorkerStartsWithoutServersAndStops(@TempDir Path staging) throws Exception {
        ClassList.load(staging);

        // A host id exists, so the worker has started; it is not locked, so the worker has stopped.
        assertThat(staging.resolve("host-0.id")).isNotEmptyFile();
        try (HostId next = HostId.acquire(staging)) {
            assertThat(staging.resolve("host-1.id")).doesNotExist();
            assertThat(next.id()).isNotEmpty();
        }
    }
}
