package io.tidemark.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class MachineLimitsTest {

    private static final String HEADER =
            "Limit                     Soft Limit           Hard Limit           Units     ";

    @Test
    void theHardLimitOfOpenFilesCounts() {
        assertThat(MachineLimits.openFiles(List.of(
                        HEADER,
                        "Max processes             94881                94881                processes ",
                        "Max open files            1024                 20000                files     ")))
                .isEqualTo(20_000);
    }

    @Test
    void unlimitedIsNoLimit() {
        assertThat(MachineLimits.openFiles(List.of(
                        HEADER, "Max open files            1024                 unlimited            files     ")))
                .isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void withoutAReportThereIsNoLimit() {
        assertThat(MachineLimits.openFiles(List.of())).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void thisMachineHoldsAFewPartitions() {
        assertThat(MachineLimits.here().refusal(100)).isEmpty();
    }

    @Test
    void whatFitsIsNotRefused() {
        assertThat(new MachineLimits(20_000, 65_530).refusal(15_000)).isEmpty();
    }

    @Test
    void tooManyFilesAreRefusedWithTheLimitAndTheCommandThatRaisesIt() {
        assertThat(new MachineLimits(4_096, 65_530).refusal(15_000))
                .hasValueSatisfying(why -> assertThat(why).contains("16000 open files", "4096", "ulimit -n 16000"));
    }

    @Test
    void tooManyMapsAreRefusedWithTheLimitAndTheCommandThatRaisesIt() {
        assertThat(new MachineLimits(1_048_576, 65_530).refusal(60_000))
                .hasValueSatisfying(why -> assertThat(why).contains("121000", "65530", "vm.max_map_count=121000"));
    }
}
