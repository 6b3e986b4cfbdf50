package io.tidemark.bench;

import io.tidemark.bench.Result.Series;
import java.util.ArrayList;
import java.util.List;

/** Collects the figures of one side of a measurement. */
final class Side {
    private final List<Double> wall = new ArrayList<>();
    private final List<Double> cpu = new ArrayList<>();
    private MemoryPeak peak = MemoryPeak.NONE;

    /** Adds a measured run. */
    void add(double seconds, double cpuSeconds) {
        wall.add(seconds);
        cpu.add(cpuSeconds);
    }

    /** Adds a memory peak, also of a run that is not measured. */
    void add(MemoryPeak another) {
        peak = peak.max(another);
    }

    Series series(String name) {
        return new Series(name, new Figures(wall), new Figures(cpu), peak);
    }
}
