package io.tidemark.aggregate;

import java.util.List;

/** A job uses an aggregate that no plugin of this process has. */
public final class MissingAggregatorException extends Exception {
    private static final long serialVersionUID = 1;

    /** The name of the failure that a run reports. */
    public static final String FAILURE = "AGGREGATOR_MISSING";

    MissingAggregatorException(String name, String use, List<String> present) {
        super("aggregate." + name + " uses " + use + ", which no plugin has here; "
                + (present.isEmpty() ? "there are no plugins" : "plugins have " + String.join(", ", present)));
    }
}
