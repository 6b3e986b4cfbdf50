package io.tidemark.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What grows in a series of measurements. */
enum Growth {
    RECORDS(List.of(1_000_000, 3_000_000, 10_000_000, 30_000_000), TimeGrowth.RECORDS::run),
    PARTITIONS(List.of(8, 64, 512, 4_096), TimeGrowth.PARTITIONS::run),
    /** The age of a job in days. */
    AGE(List.of(2, 10, 20, 30), (bench, days, svg) -> new AgeGrowth(bench).run(days, svg));

    /** A series of measurements. */
    private interface Series {
        List<Result> run(Bench bench, List<Integer> sizes, @Nullable Path svg) throws IOException;
    }

    private final List<Integer> sizes;
    private final Series series;

    Growth(List<Integer> sizes, Series series) {
        this.sizes = sizes;
        this.series = series;
    }

    /** Returns the sizes if none are given. */
    List<Integer> sizes() {
        return sizes;
    }

    /** Measures each size, prints the results, and draws them if {@code svg} is a file. Returns them in the same order. */
    List<Result> run(Bench bench, List<Integer> measured, @Nullable Path svg) throws IOException {
        return series.run(bench, measured, svg);
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
