package io.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.run.FailureKind;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExplainCommandTest {
    @ParameterizedTest
    @EnumSource(FailureKind.class)
    void everyKindHasTheTextOfBothPages(FailureKind kind) {
        Cli cli = Cli.run("explain", kind.name());

        assertThat(cli.exitCode()).isZero();
        assertThat(cli.out())
                .startsWith(kind.name() + "\n\n*")
                .contains("\n- Retried: ", "\n- Look at: ")
                .doesNotContain("](", "```");
    }

    @ParameterizedTest
    @ValueSource(strings = {"retention_gap", "Retention-Gap"})
    void caseAndHyphensDoNotMatter(String kind) {
        assertThat(Cli.run("explain", kind).out()).startsWith("RETENTION_GAP\n");
    }

    @Test
    void alertsAreExplainedToo() {
        assertThat(Cli.run("explain", "TidemarkNoWorker").out())
                .startsWith("TidemarkNoWorker\n\n")
                .contains("\n1. ");
    }

    @Test
    void aMisspelledKindIsRefusedWithTheNearestOne() {
        Cli cli = Cli.run("explain", "RETENTON_GAP");

        assertThat(cli.exitCode()).isEqualTo(2);
        assertThat(cli.err())
                .isEqualTo("error: RETENTON_GAP is neither a kind of failure nor an alert; did you mean"
                        + " RETENTION_GAP?\n");
        assertThat(Cli.run("explain", "nonsense").err()).endsWith("; ./tidemark explain --list shows all\n");
    }

    @Test
    void listHasEveryKind() {
        List<String> listed = Cli.run("explain", "--list").out().lines().toList();

        for (FailureKind each : FailureKind.values()) {
            assertThat(listed).contains(each.name());
        }
        assertThat(listed).contains("TidemarkRunFailed").doesNotContain("Alerts");
    }
}
