package io.tidemark.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostIdTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @Test
    void theNextProcessHasTheSameId() throws IOException {
        String first = acquireAndRelease();

        assertThat(acquireAndRelease()).isEqualTo(first).matches("[a-z0-9.-]+-[0-9a-f]{8}");
    }

    @Test
    void twoProcessesAtOnceHaveDifferentIds() throws IOException {
        try (HostId one = HostId.acquire(folder);
                HostId other = HostId.acquire(folder)) {
            assertThat(other.id()).isNotEqualTo(one.id());
        }
    }

    @Test
    void aReleasedIdIsReused() throws IOException {
        HostId one = HostId.acquire(folder);
        try (HostId other = HostId.acquire(folder)) {
            one.close();
            try (HostId next = HostId.acquire(folder)) {
                assertThat(next.id()).isEqualTo(one.id()).isNotEqualTo(other.id());
            }
        }
    }

    @Test
    void twoFoldersHaveDifferentIds() throws IOException {
        try (HostId one = HostId.acquire(Files.createDirectory(folder.resolve("a")));
                HostId other = HostId.acquire(Files.createDirectory(folder.resolve("b")))) {
            assertThat(other.id()).isNotEqualTo(one.id());
        }
    }

    private String acquireAndRelease() throws IOException {
        try (HostId host = HostId.acquire(folder)) {
            return host.id();
        }
    }
}
