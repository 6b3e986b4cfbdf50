package io.tidemark.aggregate;

import io.tidemark.aggregator.Aggregator;
import io.tidemark.aggregator.AggregatorProvider;
import io.tidemark.aggregator.Options;
import io.tidemark.job.AggregationSpec;
import io.tidemark.job.JobSpec;
import io.tidemark.job.OwnAggregate;
import io.tidemark.job.form.InvalidJobException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The aggregates that the plugins of a process have. A job that uses some is given their code by {@link #bind} before anything
 * computes it; the bound job is stored and sent like the one that was read. Immutable; safe for use by several threads.
 */
public final class OwnAggregates {
    /** Of a process without plugins. */
    public static final OwnAggregates NONE = new OwnAggregates(List.of());

    private static final String NAME = "[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)+";

    private final Map<String, AggregatorProvider> providers = new TreeMap<>();

    /**
     * Those of some providers.
     *
     * @throws IllegalArgumentException if a name or a version is none, or two providers have one name
     */
    public OwnAggregates(Collection<AggregatorProvider> all) {
        for (AggregatorProvider each : all) {
            String name = each.name();
            String type = each.getClass().getName();
            if (name == null || !name.matches(NAME)) {
                throw new IllegalArgumentException(
                        type + " has the name " + name + ", which is not words joined by dots, such as acme.centroid");
            }
            if (each.version() < 1) {
                throw new IllegalArgumentException(
                        type + " (" + name + ") has version " + each.version() + "; versions begin with 1");
            }
            AggregatorProvider other = providers.putIfAbsent(name, each);
            if (other != null) {
                throw new IllegalArgumentException("two plugins have an aggregate " + name + ": "
                        + other.getClass().getName() + " and " + type + "; remove one of them");
            }
        }
    }

    /** Each name with its version: {@code acme.centroid 1}. */
    public List<String> names() {
        return providers.values().stream()
                .map(each -> each.name() + " " + each.version())
                .toList();
    }

    /** Whether a job uses the aggregate of a plugin. */
    public static boolean isUsedBy(JobSpec job) {
        return job.aggregate().stream().anyMatch(each -> each.own() != null);
    }

    /** Whether a job uses the aggregate of a plugin, and was given the code of all that it uses. */
    public static boolean areBoundIn(JobSpec job) {
        return isUsedBy(job)
                && job.aggregate().stream()
                        .map(AggregationSpec::own)
                        .allMatch(each -> each == null || each.code() != null);
    }

    /**
     * Returns the job with the code of the aggregates that it uses.
     *
     * @throws MissingAggregatorException if no plugin has one of them
     * @throws InvalidJobException if the job gives one of them other fields or options than it takes
     * @throws AggregatorException if a plugin fails
     */
    public JobSpec bind(JobSpec job) throws MissingAggregatorException {
        if (!isUsedBy(job)) {
            return job;
        }
        List<AggregationSpec> bound = new ArrayList<>();
        for (AggregationSpec each : job.aggregate()) {
            OwnAggregate own = each.own();
            bound.add(own == null ? each : each.with(own.with(code(each.name(), own))));
        }
        return job.withAggregate(bound);
    }

    private OwnAggregate.Code code(String name, OwnAggregate own) throws MissingAggregatorException {
        AggregatorProvider provider = providers.get(own.use());
        if (provider == null) {
            throw new MissingAggregatorException(name, own.use(), names());
        }
        Aggregator<?> aggregator;
        int takes;
        try {
            Options options = new Options(own.options());
            aggregator = provider.create(options);
            options.requireAllKnown();
            takes = aggregator.arguments().size();
        } catch (IllegalArgumentException e) {
            throw new InvalidJobException(
                    "aggregate." + name + ".options", own.use() + " refuses them: " + e.getMessage());
        } catch (RuntimeException | LinkageError e) {
            throw AggregatorException.of(
                    own.use() + " version " + provider.version() + " ("
                            + provider.getClass().getName() + ")",
                    "create",
                    e);
        }
        if (takes != own.of().size()) {
            throw new InvalidJobException(
                    "aggregate." + name + ".of",
                    "has " + own.of().size() + " fields, but " + own.use() + " takes " + takes + ": "
                            + aggregator.arguments());
        }
        return new OwnAggregate.Code(provider.version(), aggregator);
    }
}
