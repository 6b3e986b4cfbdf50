package io.tidemark.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.run.FailureKind;
import io.tidemark.run.StagedFile;
import io.tidemark.run.TidemarkException;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StagingAreaTest {
    @TempDir
    private Path folder;

    private StagedFile write(StagingArea area, String run, String name, String text) throws IOException {
        try (StagingArea.Draft draft = area.draft(run, name)) {
            draft.out().write(text);
            return draft.finish(1);
        }
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile).toList();
        }
    }

    private static long readAll(Reader in, StringBuilder into) throws IOException {
        for (int c = in.read(); c >= 0; c = in.read()) {
            into.append((char) c);
        }
        return 1;
    }

    @Test
    void theSizeOfStagedFilesIsThatOfAllRuns() throws Exception {
        StagingArea area = new StagingArea(folder);
        assertThat(new StagingArea(folder.resolve("not yet")).usedBytes()).isZero();
        write(area, "job/run", "slice-1-cells", "1234");
        write(area, "other/run", "slice-1-cells", "12345");
        Files.writeString(folder.resolve("host-0.id"), "the name of a host");

        assertThat(area.usedBytes()).isEqualTo(9);
        assertThat(area.freeBytes()).isPositive();
    }

    @Test
    void aFolderThatCannotBeWrittenIsNoticed() throws Exception {
        new StagingArea(folder.resolve("new")).requireWritable();
        assertThat(files()).isEmpty();
        Path file = Files.writeString(folder.resolve("file"), "");

        assertThatThrownBy(() -> new StagingArea(file).requireWritable())
                .isInstanceOf(TidemarkException.class)
                .hasMessageContaining(file.toString())
                .extracting(e -> ((TidemarkException) e).kind())
                .isEqualTo(FailureKind.STAGING_FAILED);
    }

    @Test
    void whatIsFinishedIsReadBack() throws Exception {
        StagingArea area = new StagingArea(folder);
        StagedFile file = write(area, "job/run", "slice-1-cells", "a,b\nµ,\"x\"\n");
        StringBuilder text = new StringBuilder();

        area.read(file, in -> readAll(in, text));

        assertThat(text).hasToString("a,b\nµ,\"x\"\n");
    }

    @Test
    void filesAndFoldersAreOnlyForTheirUser() throws IOException {
        StagedFile file = write(new StagingArea(folder), "job/run", "slice-1-cells", "x");
        Path path = folder.resolve(file.name());

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path.getParent())))
                .isEqualTo("rwx------");
    }

    @Test
    void twoAttemptsAtTheSameThingWriteTwoFiles() throws IOException {
        StagingArea area = new StagingArea(folder);
        assertThat(write(area, "job/run", "slice-1-cells", "x").name())
                .isNotEqualTo(write(area, "job/run", "slice-1-cells", "x").name());
    }

    @Test
    void aDraftThatIsNotFinishedLeavesNothing() throws IOException {
        try (StagingArea.Draft draft = new StagingArea(folder).draft("job/run", "slice-1-cells")) {
            draft.out().write("half");
        }
        assertThat(files()).isEmpty();
    }

    @Test
    void aFileThatWasChangedIsLost() throws IOException {
        StagingArea area = new StagingArea(folder);
        StagedFile file = write(area, "job/run", "slice-1-cells", "12345");
        Files.writeString(folder.resolve(file.name()), "12346");

        assertThatThrownBy(() -> area.verify(file))
                .isInstanceOf(StagedLostException.class)
                .hasMessageContaining(file.checksum());
    }

    @Test
    void aRestartedHostReadsTheFilesOfItsGeneration() throws Exception {
        StagedFile file = write(new StagingArea(folder, "0badcafe"), "job/run", "slice-1-cells", "x");

        new StagingArea(folder, "0badcafe").verify(file);
        assertThat(file.name()).matches("job/run/slice-1-cells-0badcafe[0-9a-f]{8}\\.csv");
    }

    @Test
    void aFileOfAnotherGenerationIsLostAlthoughItIsThere() throws IOException {
        StagedFile file = write(new StagingArea(folder, "0badcafe"), "job/run", "slice-1-cells", "x");
        StagingArea replaced = new StagingArea(folder, "12345678");

        assertThatThrownBy(() -> replaced.verify(file))
                .isInstanceOf(StagedLostException.class)
                .hasMessageContainingAll("0badcafe", "12345678", "--host-id");
        assertThatThrownBy(() -> replaced.read(file, in -> 1)).isInstanceOf(StagedLostException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1", "12346", "123456"})
    void aFileThatWasChangedIsLostWhateverItsReaderMakesOfIt(String changed) throws IOException {
        StagingArea area = new StagingArea(folder);
        StagedFile file = write(area, "job/run", "slice-1-cells", "12345");
        Files.writeString(folder.resolve(file.name()), changed);
        List<StagingArea.Use> uses = List.of(
                in -> readAll(in, new StringBuilder()),
                in -> 1,
                in -> {
                    in.close();
                    throw new IOException("this is not CSV");
                },
                in -> {
                    throw new NumberFormatException(String.valueOf(in.read()));
                });

        for (StagingArea.Use each : uses) {
            assertThatThrownBy(() -> area.read(file, each))
                    .isInstanceOf(StagedLostException.class)
                    .hasMessageContaining(file.checksum());
        }
    }

    @Test
    void aReaderThatFailsOnTheRightContentIsHeard() throws IOException {
        StagingArea area = new StagingArea(folder);
        StagedFile file = write(area, "job/run", "slice-1-cells", "12345");

        assertThatThrownBy(() -> area.read(file, in -> {
                    throw new IllegalStateException("no more memory");
                }))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("no more memory");
        assertThatThrownBy(() -> area.read(file, in -> {
                    throw new IOException("line 1");
                }))
                .isInstanceOfSatisfying(
                        TidemarkException.class, e -> assertThat(e.kind()).isEqualTo(FailureKind.STAGING_FAILED))
                .hasMessageContaining("line 1");
    }

    @Test
    void aFileWithAnotherNumberOfRowsIsLost() throws IOException {
        StagingArea area = new StagingArea(folder);
        StagedFile file = write(area, "job/run", "slice-1-cells", "12345");

        assertThatThrownBy(() -> area.read(file, in -> 2))
                .isInstanceOf(StagedLostException.class)
                .hasMessage(file.name() + " has 2 rows, not 1");
    }

    /** One pass over the file serves the reader and the checksum, so the reader sees content that is refused afterwards. */
    @Test
    void aFileIsReadOnce() throws IOException {
        StagingArea area = new StagingArea(folder);
        StagedFile file = write(area, "job/run", "slice-1-cells", "12345");
        Files.writeString(folder.resolve(file.name()), "12346");
        StringBuilder text = new StringBuilder();

        assertThatThrownBy(() -> area.read(file, in -> readAll(in, text))).isInstanceOf(StagedLostException.class);
        assertThat(text).hasToString("12346");
    }

    @Test
    void aFileThatIsGoneIsLost() throws IOException {
        StagingArea area = new StagingArea(folder);
        StagedFile file = write(area, "job/run", "slice-1-cells", "x");
        Files.delete(folder.resolve(file.name()));

        assertThatThrownBy(() -> area.verify(file)).isInstanceOf(StagedLostException.class);
        assertThatThrownBy(() -> area.read(file, in -> 1)).isInstanceOf(StagedLostException.class);
    }

    @Test
    void aNameThatLeadsOutOfTheFolderIsRefused() {
        assertThatThrownBy(() -> new StagingArea(folder).verify(new StagedFile("../secret", 1, "0")))
                .isInstanceOf(TidemarkException.class)
                .hasMessageContaining("outside");
    }

    @Test
    void deletingASliceLeavesTheOthersAndTheLastOneTakesTheFolderAlong() throws IOException {
        StagingArea area = new StagingArea(folder);
        write(area, "job/run", "slice-1-cells", "x");
        write(area, "job/run", "slice-12-cells", "y");

        area.delete("job/run", "slice-1-");
        assertThat(files()).singleElement().asString().contains("slice-12-");

        area.delete("job/run", "slice-12-");
        assertThat(folder.resolve("job")).doesNotExist();
    }

    @Test
    void theSweepTakesWhatIsOldAndLeavesWhatIsNewAndTheFilesBeside() throws IOException {
        StagingArea area = new StagingArea(folder);
        FileTime old = FileTime.from(Instant.now().minus(Duration.ofHours(2)));
        Path dead = folder.resolve(write(area, "job/dead", "slice-1-cells", "x").name());
        Files.setLastModifiedTime(dead, old);
        StagedFile alive = write(area, "job/alive", "slice-1-cells", "x");
        Path beside = Files.writeString(folder.resolve("host-id"), "id");
        Files.setLastModifiedTime(beside, old);

        area.sweep(Duration.ofHours(1));

        assertThat(files()).containsExactlyInAnyOrder(folder.resolve(alive.name()), beside);
    }

    /** Slices of a run end at the same time, and others begin: each finds, makes and removes the run's one folder. */
    @Test
    void slicesThatEndAndBeginAtTheSameTimeDoNotMeetInTheFolderOfTheirRun() throws Exception {
        StagingArea area = new StagingArea(folder);
        ExecutorService slices = Executors.newFixedThreadPool(3);
        try {
            List<Future<?>> all = new ArrayList<>();
            for (int slice = 0; slice < 3; slice++) {
                String name = "slice-" + slice + "-";
                all.add(slices.submit(() -> {
                    for (int round = 0; round < 2_000; round++) {
                        write(area, "job/run", name, "");
                        area.delete("job/run", name);
                    }
                    return null;
                }));
            }
            for (Future<?> each : all) {
                each.get();
            }
        } finally {
            slices.shutdownNow();
        }
        assertThat(files()).isEmpty();
    }
}
