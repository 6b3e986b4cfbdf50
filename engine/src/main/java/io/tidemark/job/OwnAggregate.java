package io.tidemark.job;

import io.tidemark.aggregator.Aggregator;
import io.tidemark.job.form.Form.Use;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * An aggregate that a plugin has: what the job says about it, and the plugin's code once it is found.
 *
 * @param use the name of its provider, such as {@code acme.centroid}
 * @param of paths of the fields that it takes from each record
 * @param options texts, numbers and booleans that only the plugin understands, in the order of their names
 * @param code what computes it; null in a job as it was read, which can be stored and compared but not computed
 */
public record OwnAggregate(
        String use,
        List<String> of,
        Map<String, Object> options,
        @Nullable Code code) {

    /**
     * The code of a plugin.
     *
     * @param version {@link io.tidemark.aggregator.AggregatorProvider#version}
     * @param aggregator made from the options
     */
    public record Code(int version, Aggregator<?> aggregator) {}

    /** Sorts the options, so that their order in the job has no meaning. */
    public OwnAggregate {
        of = List.copyOf(of);
        options = Collections.unmodifiableMap(new TreeMap<>(options));
    }

    /** The same with its code. */
    public OwnAggregate with(Code found) {
        return new OwnAggregate(use, of, options, found);
    }

    /** The options as JSON, which tells a text from a number; empty if there are none. */
    public String optionsText() {
        return options.isEmpty()
                ? ""
                : new OwnOptionsForm().write(options, Use.FINGERPRINT).toString();
    }
}
