package io.tidemark.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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

    @Test
    void aNamedIdKeepsItsGenerationInItsFolder() throws IOException {
        String generation;
        try (HostId one = HostId.acquire(folder, "pod-0")) {
            assertThat(one.id()).isEqualTo("pod-0");
            generation = one.generation();
            assertThat(generation).matches("[0-9a-f]{8}");
        }
        try (HostId next = HostId.acquire(folder, "pod-0");
                HostId replaced = HostId.acquire(Files.createDirectory(folder.resolve("new volume")), "pod-0")) {
            assertThat(next.generation()).isEqualTo(generation).isNotEqualTo(replaced.generation());
        }
    }

    @Test
    void anIdOfTheFolderHasNoGeneration() throws IOException {
        try (HostId one = HostId.acquire(folder, null)) {
            assertThat(one.generation()).isEmpty();
        }
    }

    @Test
    void twoProcessesOfAFolderCannotHaveTheSameName() throws IOException {
        try (HostId one = HostId.acquire(folder, "pod-0")) {
            assertThatThrownBy(() -> HostId.acquire(folder, one.id()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContainingAll("pod-0", folder.toString(), "--host-id");
        }
    }

    private String acquireAndRelease() throws IOException {
        try (HostId host = HostId.acquire(folder)) {
            return host.id();
        }
    }
}
