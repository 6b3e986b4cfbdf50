package io.tidemark.launch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** Completion in a real bash and a real zsh, and man pages in a real groff. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CompletionTest {
    /**
     * Types $2 and the key Tab in an interactive zsh that has loaded $1, and prints what it shows. The completed line is executed:
     * a function prints its arguments. Its braces are escaped, so that they are found in its output only.
     */
    private static final String ZSH = """
            zmodload zsh/zpty
            zpty shell zsh -f -i
            zpty -w shell "PS1=; tidemark() { print -r -- \\<\\$*\\> }; source $1 && print -r -- lo''aded"
            zpty -r shell shown '*loaded*'
            zpty -w -n shell "$2"$'\\t\\n'
            zpty -r shell shown '*<*>*'
            print -r -- "$shown"
            """;

    @TempDir
    static Path folder;

    @ParameterizedTest
    @CsvSource({
        "tidemark sched, schedule",
        "tidemark schedule app, apply",
        "tidemark schedule apply --pr, --prune",
        "tidemark worker --health, --health-port",
        "tidemark bench --partit, --partitions",
        "tidemark demo --ke, --keep",
        "tidemark lag --kafka-cons, --kafka-consumer-config",
        "tidemark completion z, zsh",
    })
    void bashCompletesCommandsAndOptions(String line, String word) throws Exception {
        assertThat(complete(line)).containsExactly(word);
    }

    @Test
    void bashCompletesTheNamesOfAllCommands() throws Exception {
        assertThat(complete("tidemark ")).contains("run", "schedule", "worker", "explain", "completion", "man");
    }

    @Test
    void bashCompletesFilesForAJob() throws Exception {
        Path job = Files.writeString(folder.resolve("voltage.yaml"), "");

        assertThat(complete("tidemark run " + folder.resolve("vol"))).containsExactly(job.toString());
    }

    @ParameterizedTest
    @EnabledIf("hasZsh")
    @CsvSource({
        "tidemark sched, schedule",
        "tidemark schedule app, schedule apply",
        "tidemark schedule apply --pr, schedule apply --prune",
        "tidemark worker --health, worker --health-port",
        "tidemark bench --partit, bench --partitions",
        "tidemark lag --kafka-cons, lag --kafka-consumer-config",
        "tidemark completion z, completion zsh",
    })
    void zshCompletesCommandsAndOptions(String line, String completed) throws Exception {
        assertThat(zsh(line)).contains("<" + completed + ">");
    }

    @Test
    @EnabledIf("hasZsh")
    void zshCompletesFilesForAJob() throws Exception {
        Path job = Files.writeString(folder.resolve("current.yaml"), "");

        assertThat(zsh("tidemark run " + folder.resolve("curr"))).contains("<run " + job + ">");
    }

    private static String zsh(String line) throws IOException, InterruptedException {
        Path script = folder.resolve("tidemark.zsh");
        Files.writeString(script, CompletionCommand.script(CompletionCommand.Shell.zsh));
        ProcessBuilder builder = new ProcessBuilder("zsh", "-f", "-c", ZSH, "zsh", script.toString(), line);
        builder.environment().put("HOME", folder.toString());
        // Wider than any line here, so that zsh does not wrap it.
        builder.environment().put("COLUMNS", "300");
        Process zsh = builder.redirectErrorStream(true).start();
        String answer = new String(zsh.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(zsh.waitFor()).as(answer).isZero();
        return answer;
    }

    private static List<String> complete(String line) throws IOException, InterruptedException {
        Path script = folder.resolve("tidemark.bash");
        Files.writeString(script, CompletionCommand.script(CompletionCommand.Shell.bash));
        Process bash = new ProcessBuilder(
                        "bash",
                        "--norc",
                        "-c",
                        "source \"$1\"; read -ra COMP_WORDS <<<\"$2\"; [[ $2 == *' ' ]] && COMP_WORDS+=('');"
                                + " COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMP_LINE=$2; COMP_POINT=${#2};"
                                + " _complete_tidemark; printf '%s\\n' \"${COMPREPLY[@]}\"",
                        "bash",
                        script.toString(),
                        line)
                // compopt complains that no key was pressed.
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String answer = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(bash.waitFor()).as(answer).isZero();
        return answer.lines().map(String::strip).filter(each -> !each.isEmpty()).toList();
    }

    @Test
    void everyCommandHasAManPageWithItsOptions() {
        Map<String, String> pages = ManPages.of(AllCommands.commandLine());

        assertThat(pages.keySet())
                .contains("tidemark.1", "tidemark-run.1", "tidemark-worker.1", "tidemark-schedule-apply.1");
        assertThat(pages.keySet()).containsAll(names(AllCommands.commandLine()));
        assertThat(pages.get("tidemark-worker.1"))
                .contains("\n\\fB\\-\\-health\\-port\\fR=\\fIPORT\\fR\n")
                .contains(".SH \"NAME\"\ntidemark\\-worker \\- Start a worker");
    }

    private static TreeSet<String> names(CommandLine command) {
        TreeSet<String> names = new TreeSet<>();
        names.add(command.getCommandSpec().qualifiedName("-") + ".1");
        command.getSubcommands().values().forEach(each -> names.addAll(names(each)));
        return names;
    }

    static boolean hasGroff() {
        return has("groff");
    }

    static boolean hasZsh() {
        boolean found = has("zsh");
        if (!found) {
            System.err.println("NOT CHECKED: completion in zsh, because there is no zsh on the PATH");
        }
        return found;
    }

    private static boolean has(String program) {
        return Arrays.stream(System.getenv("PATH").split(":"))
                .anyMatch(each -> Files.isExecutable(Path.of(each, program)));
    }

    @Test
    @EnabledIf("hasGroff")
    void groffFormatsEveryPageWithoutAWarning() throws Exception {
        Path pages = folder.resolve("man1");
        StringWriter out = new StringWriter();
        int exitCode = Main.commandLine().setOut(new PrintWriter(out)).execute("man", pages.toString());
        assertThat(exitCode).isZero();
        assertThat(out.toString()).matches("wrote \\d+ pages to " + pages + "\\R");
        List<String> command = List.of("groff", "-man", "-Kutf8", "-Tutf8", "-ww", "-z");
        try (Stream<Path> files = Files.list(pages)) {
            Process groff = new ProcessBuilder(
                            Stream.concat(command.stream(), files.sorted().map(Path::toString))
                                    .toList())
                    .redirectErrorStream(true)
                    .start();

            assertThat(new String(groff.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .isEmpty();
            assertThat(groff.waitFor()).isZero();
        }
    }
}
