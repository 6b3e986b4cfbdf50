package io.tidemark.exporter;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts questions that were not answered. Logs the first failure of a source, and when the source answers again. */
final class Problems {
    private static final Logger LOG = LoggerFactory.getLogger(Problems.class);

    private final Map<Source, Long> counts = new EnumMap<>(Source.class);
    private final Set<Source> failing = EnumSet.noneOf(Source.class);
    private final Set<Source> failed = EnumSet.noneOf(Source.class);

    /** What is asked. */
    enum Source {
        SCHEDULES,
        RUNS,
        TASK_QUEUES,
        TOPICS,
        OFFSETS,
        PROGRESS,
        RECORDS,
        TRANSACTIONS;

        String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    Problems() {
        for (Source each : Source.values()) {
            counts.put(each, 0L);
        }
    }

    /** Returns the answer; empty if the question fails. */
    <T> Optional<T> ask(Source source, Supplier<T> question) {
        try {
            return Optional.of(question.get());
        } catch (RuntimeException e) {
            add(source, e);
            return Optional.empty();
        }
    }

    /** Counts a failure. */
    void add(Source source, RuntimeException failure) {
        counts.merge(source, 1L, Long::sum);
        failed.add(source);
        if (failing.add(source)) {
            LOG.atWarn()
                    .addKeyValue("source", source.label())
                    .addKeyValue("reason", String.valueOf(failure.getMessage()))
                    .log("no answer; its metrics are absent until there is one");
        }
    }

    /** Ends a refresh: sources without a failure in it answer again. */
    void endRefresh() {
        for (Source each : Set.copyOf(failing)) {
            if (!failed.contains(each)) {
                failing.remove(each);
                LOG.atInfo().addKeyValue("source", each.label()).log("answers again");
            }
        }
        failed.clear();
    }

    /** Returns the number of failures so far, of every source. */
    Map<Source, Long> counts() {
        return counts;
    }
}
