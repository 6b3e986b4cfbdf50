package io.tidemark.bench;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What one measurement found.
 *
 * @param work what was done, in words
 * @param tidemark ours
 * @param other what it was measured in turn with, or null
 * @param notes figures beside these, each with its name and unit
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record Result(String work, Series tidemark, @Nullable Series other, List<Note> notes) {

    /**
     * One side of it.
     *
     * @param name who it was
     * @param wall seconds by the clock
     * @param cpu seconds of CPU of that process alone, without the servers
     * @param peak memory of that process, from its start on
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
    }

    /** How many times as long as the other one, by medians; null where there is no other. */
    @JsonProperty
    @Nullable
    Double ratio() {
        return other == null ? null : tidemark.wall().median() / other.wall().median();
    }
}
