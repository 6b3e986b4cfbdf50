package io.tidemark.model;

import io.tidemark.model.ScopeState.Batch;
import io.tidemark.model.ScopeState.Source;
import io.tidemark.model.ScopeState.Totals;
import io.tidemark.model.ScopeVariant.Sent;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What {@link ScopeModel} promises. Each method returns the promise that a step breaks, or null. */
final class ScopePromises {
    static final String TWICE = "a record counts twice";
    static final String SPLIT = "a group has totals in two output partitions";
    static final String UNCOMMITTED = "a record counts that stage 1 has not committed";
    static final String AFTER_CLOSE = "a partial of a closed window follows its final row";
    static final String INCOMPLETE = "a final row lacks a record";
    static final String LATE = "a record is late, but its window is not closed";
    static final String LOST = "partials are lost";
    static final String FALSELY_LOST = "PARTIALS_LOST is reported, but the totals have them";
    static final String FALSELY_LOST_STATE = "STATE_LOST is reported, but nothing is lost";
    static final String PUBLISHED = "an offset is published, but a record below it is in no row";
    static final String NOT_COUNTED = "an undisturbed run does not count all records";
    static final String NOT_CLOSED = "an undisturbed run does not close what it may";
    static final String NOT_PUBLISHED = "an undisturbed run does not publish all offsets";
    static final String NO_END = "an undisturbed run does not end";

    private final List<List<Sent>> records;

    ScopePromises(List<List<Sent>> records) {
        this.records = records;
    }

    /** A number of record {@code index} of an input partition that no other record has. */
    int idOf(int input, int index) {
        int id = index;
        for (int before = 0; before < input; before++) {
            id += records.get(before).size();
        }
        return id;
    }

    @Nullable
    String brokenByMerging(ScopeState state, int output, Batch batch, Totals merged) {
        Totals old = state.totals().get(output);
        for (int input = 0; input < records.size(); input++) {
            for (int i = 0; i < records.get(input).size(); i++) {
                Sent record = records.get(input).get(i);
                int count = merged.count(idOf(input, i));
                boolean added = count > old.count(idOf(input, i));
                if (count > 1 || count > 0 && isLate(state, input, i)) {
                    return TWICE;
                } else if (added && record.output() != output) {
                    return SPLIT;
                } else if (added && i >= state.sources().get(input).through()) {
                    return UNCOMMITTED;
                } else if (added && record.window() < old.closedBefore()) {
                    return AFTER_CLOSE;
                } else if (count == 0
                        && record.output() == output
                        && record.window() >= old.closedBefore()
                        && record.window() < merged.closedBefore()
                        && i < state.sources().get(input).through()
                        && !isLate(state, input, i)) {
                    return INCOMPLETE;
                }
            }
        }
        return null;
    }

    @Nullable
    String brokenByPublishing(ScopeState state, int input, int through) {
        return areInRows(state, input, through) ? null : PUBLISHED;
    }

    /** Whether each record of an input partition below {@code end} is in the totals or was late. */
    boolean areInRows(ScopeState state, int input, int end) {
        for (int i = 0; i < end; i++) {
            Totals totals = state.totals().get(records.get(input).get(i).output());
            if (totals.count(idOf(input, i)) == 0 && !isLate(state, input, i)) {
                return false;
            }
        }
        return true;
    }

    private boolean isLate(ScopeState state, int input, int index) {
        Source source = state.sources().get(input);
        return (source.late() >> idOf(input, index) & 1) == 1;
    }
}
