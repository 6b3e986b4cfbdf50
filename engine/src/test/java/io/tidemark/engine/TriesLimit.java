package io.tidemark.engine;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import net.jqwik.api.lifecycle.AroundTryHook;
import net.jqwik.api.lifecycle.Lifespan;
import net.jqwik.api.lifecycle.PropagationMode;
import net.jqwik.api.lifecycle.Store;
import net.jqwik.api.lifecycle.TryExecutionResult;
import net.jqwik.api.lifecycle.TryExecutor;
import net.jqwik.api.lifecycle.TryLifecycleContext;

/**
 * Ends each property after {@code -Dtidemark.tries=} tries that held. jqwik's own {@code jqwik.tries.default} changes
 * only properties that state no number. jqwik finds this class through {@code META-INF/services}.
 */
public final class TriesLimit implements AroundTryHook {
    private static final int LIMIT = Integer.getInteger("tidemark.tries", Integer.MAX_VALUE);

    @Override
    public TryExecutionResult aroundTry(TryLifecycleContext context, TryExecutor property, List<Object> parameters) {
        TryExecutionResult result = property.execute(parameters);
        // A failing try goes on to be shrunk.
        if (!result.isSatisfied()) {
            return result;
        }
        Store<AtomicInteger> held = Store.getOrCreate(TriesLimit.class, Lifespan.PROPERTY, AtomicInteger::new);
        return TryExecutionResult.satisfied(
                result.shouldPropertyFinishEarly() || held.get().incrementAndGet() >= LIMIT);
    }

    @Override
    public PropagationMode propagateTo() {
        return PropagationMode.ALL_DESCENDANTS;
    }
}
