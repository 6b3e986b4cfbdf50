package io.tidemark.job;

import java.time.Instant;
import java.util.function.Function;

/** Where the first run of a job starts to read; later runs start where the last one ended. */
public sealed interface StartSpec {

    /** Applies the function of this kind of start. A new kind is a new parameter, so that no caller can forget it. */
    default <R> R match(
            Function<Earliest, R> earliest,
            Function<Latest, R> latest,
            Function<At, R> at,
            Function<GroupOffsets, R> group) {
        return match(new Cases<>(earliest, latest, at, group));
    }

    /** Applies the function of this kind. */
    <R> R match(Cases<R> cases);

    /** A function for each kind. */
    record Cases<R>(
            Function<Earliest, R> earliest,
            Function<Latest, R> latest,
            Function<At, R> at,
            Function<GroupOffsets, R> group) {}

    /** At the first record that the topic still has. */
    record Earliest() implements StartSpec {
        @Override
        public <R> R match(Cases<R> cases) {
            return cases.earliest().apply(this);
        }
    }

    /** At the end of the topic: the job counts only what comes after its first run. */
    record Latest() implements StartSpec {
        @Override
        public <R> R match(Cases<R> cases) {
            return cases.latest().apply(this);
        }
    }

    /** At the first record whose Kafka timestamp is not before {@code at}. */
    record At(Instant at) implements StartSpec {
        @Override
        public <R> R match(Cases<R> cases) {
            return cases.at().apply(this);
        }
    }

    /**
     * At the offsets that a consumer group has committed.
     *
     * @param group the group; by default the job's own, {@code tidemark-<name>}
     */
    record GroupOffsets(String group) implements StartSpec {
        @Override
        public <R> R match(Cases<R> cases) {
            return cases.group().apply(this);
        }
    }
}
