package io.tidemark.bench;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The result of one measurement.
 *
 * @param work description of the work
 * @param tidemark figures of Tidemark
 * @param other figures of the baseline that it alternated with, or null
 * @param notes other figures, each with its name and unit
 * @param beside figures of the programs of {@code --beside} that it alternated with
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record Result(String work, Series tidemark, @Nullable Series other, List<Note> notes, List<Series> beside) {

    /**
     * The figures of one side.
     *
     * @param name name of the side
     * @param wall wall-clock seconds
     * @param cpu CPU seconds of that process only, without the servers
     * @param peak memory of that process since its start
     */
    record Series(String name, Figures wall, Figures cpu, MemoryPeak peak) {

        String describe(long records) {
            return String.format(Locale.ROOT, "%s: %s, CPU %.2f s, %s", name, wall, cpu.median(), peak)
                    + (records > 0
                            ? String.format(Locale.ROOT, ", %.1f million records/s", records / wall.median() / 1e6)
                            : "");
        }
    }

    /** A figure with its name. */
    record Note(String name, double value, String unit) {
        @Override
        public String toString() {
            return name + ": "
                    + (unit.equals("s")
                            ? String.format(Locale.ROOT, "%.2f s", value)
                            : String.format(Locale.ROOT, "%,.0f %s", value, unit));
        }
    }

    Result {
        notes = List.copyOf(notes);
        beside = List.copyOf(beside);
    }

    /** A result without programs of {@code --beside}. */
    Result(String work, Series tidemark, @Nullable Series other, List<Note> notes) {
        this(work, tidemark, other, notes, List.of());
    }

    /** Returns the ratio of the medians, Tidemark to baseline; null without a baseline. */
    @JsonProperty
    @Nullable
    Double ratio() {
        return other == null ? null : ratioTo(other);
    }

    /** Returns the ratios to the programs of {@code --beside}, in their order. */
    @JsonProperty
    List<Double> ratiosBeside() {
        return beside.stream().map(this::ratioTo).toList();
    }

    private double ratioTo(Series its) {
        return tidemark.wall().median() / its.wall().median();
    }
}
