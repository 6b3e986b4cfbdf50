package io.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HelpTest {
    @Test
    void theFirstHelpListsEveryCommand() throws IOException {
        Cli cli = Cli.run("--help");

        assertThat(cli.out()).isEqualTo(Cli.golden("help.txt"));
        assertThat(cli.exitCode()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "run",
                "cron",
                "schedule",
                "schedule create",
                "schedule list",
                "schedule describe",
                "schedule trigger",
                "schedule pause",
                "schedule resume",
                "schedule delete",
                "schedule apply",
                "schedule diff",
                "runs",
                "lag",
                "doctor",
                "explain",
                "status",
                "report",
                "cancel",
                "results",
                "validate",
                "try",
                "plan",
                "schema",
                "sample"
            })
    void everyCommandHasTheHelpThatIsWrittenDown(String command) throws IOException {
        Cli cli = Cli.run((command + " --help").split(" "));

        assertThat(cli.out()).isEqualTo(Cli.golden("help-" + command.replace(' ', '-') + ".txt"));
        assertThat(cli.exitCode()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"demo", "worker", "exporter", "bench", "completion", "man"})
    void commandsOfOtherModulesSayHowToStartThem(String command) {
        Cli cli = Cli.run(command, "--keep", "x");

        assertThat(cli.exitCode()).isEqualTo(2);
        assertThat(cli.err())
                .isEqualTo("error: " + command + " is not part of this program; start it with ./tidemark " + command
                        + "\n");
    }

    @Test
    void planNeedsAProgramWithAPlanner(@TempDir Path folder) throws IOException {
        Cli cli = Cli.run("plan", Cli.job(folder, "voltage-daily").toString());

        assertThat(cli.exitCode()).isEqualTo(2);
        assertThat(cli.err()).isEqualTo("error: plan is not part of this program; start it with ./tidemark plan\n");
    }

    @Test
    void wrongUsageIsExitCode2() {
        assertThat(Cli.run().exitCode()).isEqualTo(2);
        assertThat(Cli.run("rum").exitCode()).isEqualTo(2);
        assertThat(Cli.run("run").exitCode()).isEqualTo(2);
        assertThat(Cli.run("sample", "topic", "--days", "x").exitCode()).isEqualTo(2);
    }
}
