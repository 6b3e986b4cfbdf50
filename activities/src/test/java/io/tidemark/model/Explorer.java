package io.tidemark.model;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Searches all states of a model breadth first, so that the trace of a violation is a shortest one. */
final class Explorer<S> {
    /** A model: where it begins, and what may happen next in a state. */
    interface Model<S> {
        S start();

        void steps(S state, Steps<S> steps);
    }

    /** Takes what may happen next. Labels are asked for only if the step belongs to the trace of a violation. */
    interface Steps<S> {
        void to(S next, Supplier<String> label);

        /** A step after which the model's promise is broken. */
        void breaks(String promise, Supplier<String> label);
    }

    /** What the search found: all states, and the first broken promise with the steps to it. */
    record Result(int states, @Nullable String broken, List<String> trace) {
        boolean holds() {
            return broken == null;
        }

        @Override
        public String toString() {
            return states + " states, " + (broken == null ? "holds" : broken + ":\n" + String.join("\n", trace));
        }
    }

    private final Model<S> model;
    /** Each state that was reached, with the state before it; the first one has itself. */
    private final Map<S, S> reached = new HashMap<>();

    private final Deque<S> open = new ArrayDeque<>();

    private @Nullable String broken;
    private @Nullable String lastLabel;

    private Explorer(Model<S> model) {
        this.model = model;
    }

    /**
     * Searches until a promise is broken or no new state is left.
     *
     * @throws IllegalStateException if there are more than {@code limit} states: a search that is cut off proves nothing
     */
    static <S> Result search(Model<S> model, int limit) {
        return new Explorer<>(model).search(limit);
    }

    private Result search(int limit) {
        S start = model.start();
        reached.put(start, start);
        open.add(start);
        while (!open.isEmpty()) {
            S state = open.remove();
            model.steps(state, new Steps<>() {
                @Override
                public void to(S next, Supplier<String> label) {
                    if (reached.putIfAbsent(next, state) == null) {
                        open.add(next);
                    }
                }

                @Override
                public void breaks(String promise, Supplier<String> label) {
                    if (broken == null) {
                        broken = promise;
                        lastLabel = label.get();
                    }
                }
            });
            if (broken != null) {
                return new Result(reached.size(), broken, traceTo(state));
            }
            if (reached.size() > limit) {
                throw new IllegalStateException("more than " + limit + " states");
            }
        }
        return new Result(reached.size(), null, List.of());
    }

    private List<String> traceTo(S end) {
        List<String> labels = new ArrayList<>();
        labels.add(lastLabel + "   <-- " + broken);
        for (S at = end; reached.get(at) != at; at = reached.get(at)) {
            labels.add(labelOf(reached.get(at), at));
        }
        Collections.reverse(labels);
        return labels;
    }

    private String labelOf(S from, S to) {
        List<String> found = new ArrayList<>();
        model.steps(from, new Steps<>() {
            @Override
            public void to(S next, Supplier<String> label) {
                if (found.isEmpty() && next.equals(to)) {
                    found.add(label.get());
                }
            }

            @Override
            public void breaks(String promise, Supplier<String> label) {}
        });
        return found.get(0);
    }
}
