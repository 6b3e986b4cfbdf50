package io.tidemark.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
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

    @Test
    void theListOfClassesIsNotOlderThanTheLibraries() {
        List<String> gone = ClassList.listed().stream()
                .filter(name -> {
                    try {
                        return Class.forName(name, false, getClass().getClassLoader()) == null;
                    } catch (ClassNotFoundException | LinkageError e) {
                        return true;
                    }
                })
                .toList();

        assertThat(ClassList.listed()).hasSizeGreaterThan(1_000);
        assertThat(gone)
                .as("classes that no longer exist; run .ci/classes to renew the list")
                .hasSizeLessThan(ClassList.listed().size() / 20);
    }
}
