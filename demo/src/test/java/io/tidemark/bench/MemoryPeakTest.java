package io.tidemark.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class MemoryPeakTest {

    @Test
    void thePeakIsTheLargestOfEach() {
        assertThat(MemoryPeak.of(
                        List.of(
                                "[0.012s][info][gc] Using G1",
                                "[0.931s][info][gc] GC(0) Pause Young (Normal) (G1 Evacuation Pause) 23M->4M(256M) 3.2ms",
                                "[1.101s][info][gc] GC(1) Pause Young (Allocation Failure) 143M->9M(247M) 5.1ms",
                                "[1.340s][info][gc] GC(2) Concurrent Mark Cycle 12.1ms",
                                "[1.351s][info][gc] GC(3) Pause Young (Allocation Failure) 90M->31M(247M) 5.1ms"),
                        List.of("VmPeak:\t 5120000 kB", "VmHWM:\t  314572 kB", "VmRSS:\t  300000 kB")))
                .isEqualTo(new MemoryPeak(143, 307));
    }

    @Test
    void withoutReportsThereAreNoFigures() {
        assertThat(MemoryPeak.of(List.of(), List.of())).isEqualTo(MemoryPeak.NONE);
    }
}
