package io.tidemark.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import io.tidemark.run.FailureKind;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.Staged;
import io.tidemark.run.TidemarkException;
import io.tidemark.stage.StagingArea;
import io.tidemark.testkit.Guarantees;
import io.tidemark.testkit.LifecycleSuite;
import io.tidemark.testkit.Rig;
import io.tidemark.testkit.StepwiseRun;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A disk that is too full for staged files. */
@LifecycleSuite
@Timeout(60)
class FullDiskIT {
    private static final int DISK = 128 * 1024;

    private final FileSystem disk = Jimfs.newFileSystem(Configuration.unix().toBuilder()
            .setAttributeViews("basic", "owner", "posix", "unix")
            .setBlockSize(512)
            .setMaxSize(DISK)
            .build());
    private final Path folder = disk.getPath("/staging");

    private static void assertFull(ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(TidemarkException.class, failure -> {
            assertThat(failure.kind()).as("%s", failure).isEqualTo(FailureKind.STAGING_FAILED);
            assertThat(failure.kind().retryable()).isTrue();
            assertThat(failure).hasMessageContainingAll("/staging", "out of disk space", "is the disk full");
        });
    }

    private List<Path> files() {
        if (!Files.exists(folder)) {
            return List.of();
        }
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile).toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aReadThatHasNoRoomLeavesNothingAndSucceedsElsewhere() {
        try (Rig rig = Rig.voltage(1)) {
            rig.send(0, 0, 10);
            for (int i = 0; i < 200; i++) {
                rig.sendRaw(0, new byte[1_000]);
            }
            rig.flush();
            StepwiseRun run = rig.newRun();
            run.plan();

            assertFull(() -> run.stagingIn(new StagingArea(folder))
                    .consume(0, 0, run.slices().get(0)));

            assertThat(files()).isEmpty();
            run.stagingIn(rig.staging()).chain(0, run.slices().get(0));
            run.commit();
            Guarantees.holdAtTheEnd(rig);
        }
    }

    @Test
    void aMergeThatHasNoRoomKeepsWhatItIsMadeOf() throws Exception {
        try (Rig rig = Rig.voltage(1)) {
            rig.send(0, 0, 2_000);
            StepwiseRun run = rig.newRun();
            run.plan();
            run.stagingIn(new StagingArea(folder));
            List<Staged> partials = new ArrayList<>();
            for (int from = 0; from < 2_000; from += 1_000) {
                partials.add(run.consume(0, partials.size(), List.of(new PartitionRange(0, from, from + 1_000))));
            }
            List<Path> staged = files();
            Path filler = disk.getPath("/filler");
            fill(filler);

            assertFull(() -> run.aggregate(0, partials));

            assertThat(files()).isEqualTo(staged);
            Files.delete(filler);
            run.produce(0, run.aggregate(0, partials));
            run.commit();
            Guarantees.holdAtTheEnd(rig);
            assertThat(files()).isEmpty();
        }
    }

    /** Fills the disk up to its last block. */
    private static void fill(Path file) throws IOException {
        try (OutputStream out = Files.newOutputStream(file)) {
            for (int i = 0; i < DISK; i++) {
                out.write(0);
            }
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("out of disk space");
        }
    }
}
