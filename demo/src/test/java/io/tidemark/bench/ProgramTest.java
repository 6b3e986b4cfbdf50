package io.tidemark.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.cli.OutputReader.Row;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
class ProgramTest {

    @TempDir
    private Path folder;

    @Test
    void aProgramOfEachPassGetsItsOutputInTheEnvironment() throws IOException {
        try (Program program = program("echo $BENCH_INPUT $BENCH_OUTPUT >> " + file(), false)) {
            assertThat(program.pass("first").seconds()).isPositive();
            program.pass("second");
        }

        assertThat(file()).hasContent("in first\nin second");
    }

    @Test
    void aProgramThatStaysIsStartedOnceAndGetsOneLineForEachPass() throws IOException {
        String command = "echo start >> " + file()
                + "; while read output; do echo $output$BENCH_OUTPUT >> " + file()
                + "; echo other; echo done; done; echo end >> "
                + file();
        try (Program program = program(command, true)) {
            program.pass("first");
            assertThat(program.pass("second").peak().resident()).isPositive();
        }

        assertThat(file()).hasContent("start\nfirst\nsecond\nend");
    }

    @Test
    void theTimeOfTheProcessesThatItStartsIsIncluded() {
        String work = "sh -c 'i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done'; sleep 0.2";
        try (Program once = program(work + "; true", false);
                Program stays = program("while read output; do " + work + "; echo done; done", true)) {
            assertThat(once.pass("first").cpuSeconds()).isPositive();
            assertThat(once.pass("second").peak().resident()).isPositive();
            assertThat(stays.pass("first").cpuSeconds()).isPositive();
            assertThat(stays.pass("second").seconds()).isGreaterThan(0.2);
        }
    }

    @Test
    void aProgramThatFailsIsShownWithItsLog() {
        try (Program once = program("echo no broker; exit 3", false);
                Program stays = program("echo no broker >&2; read output; exit 3", true)) {
            assertThatThrownBy(() -> once.pass("first"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContainingAll("exit 3` (started for each pass)", "ended with 3", "\n  no broker");
            assertThatThrownBy(() -> stays.pass("first"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContainingAll("(warm)", "ended before it answered", "\n  no broker");
        }
    }

    /** Otherwise the second answer would end the next pass at once. */
    @Test
    void aSecondAnswerIsRefused() throws Exception {
        try (Program program = program("read output; printf 'done\\ndone\\n'; read output; echo done", true)) {
            program.pass("first");
            // Both answers are written at once, but the second one may be read a moment later.
            Thread.sleep(500);
            assertThatThrownBy(() -> program.pass("second")).hasMessageContaining("more than once");
        }
    }

    @Test
    void aProgramThatIsNotNeededAnyMoreIsEnded() throws Exception {
        ProcessHandle child;
        try (Program program = program("read output; echo $$ > " + file() + "; echo done; sleep 300; true", true)) {
            program.pass("first");
            child = ProcessHandle.of(Long.parseLong(Files.readString(file()).trim()))
                    .orElseThrow();
        }

        assertThat(child.isAlive()).isFalse();
    }

    @Test
    void aRowMayNameItsPartitionInFrontOfItsKey() {
        assertThat(Beside.inItsPartition(new Row(0, 7, "3/2006-12-17", "{}")))
                .isEqualTo(new Row(3, 7, "2006-12-17", "{}"));
        assertThat(Beside.inItsPartition(new Row(2, 7, "2006-12-17", "{}")))
                .isEqualTo(new Row(2, 7, "2006-12-17", "{}"));
    }

    private Path file() {
        return folder.resolve("printed");
    }

    private static Program program(String command, boolean stays) {
        return new Program(new Program.Line(command, stays), Map.of("BENCH_INPUT", "in"));
    }
}
