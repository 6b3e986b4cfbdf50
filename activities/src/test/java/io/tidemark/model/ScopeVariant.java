package io.tidemark.model;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** The protocol of topic scope or a weaker variant of it, what may happen to it, and the bounds of the search. */
record ScopeVariant(Bounds bounds, Set<Part> parts, Set<Fault> faults, ClosedBefore closedBefore) {
    /** What the protocol does. */
    enum Part {
        /** A partial goes to the output partition of its group. */
        PARTITIONS_BY_GROUP,
        READS_COMMITTED,
        /** Partials are removed after stage 2 has committed, not after it has read them. */
        REMOVES_WHAT_IS_MERGED,
        /** They are removed up to the progress in a verdict, not up to the end that was planned. */
        REMOVES_BY_VERDICT,
        /** X has no retention. */
        KEEPS_PARTIALS,
        /** An attempt that finds a gap in X reads its progress again before it calls partials lost. */
        LOOKS_AGAIN,
        /** It does not go on behind the gap. */
        STOPS_AT_A_GAP,
        /** Stage 1 compares {@code closedBefore} besides {@code through}. */
        COMPARES_BOTH,
        /** Stage 2 is planned when stage 1 has ended. */
        STAGE_1_FIRST,
        /** Stage 2 closes what stage 1's progress announces, not what the run may close. */
        CLOSES_WHAT_IS_ANNOUNCED,
        /** Stage 2 closes, and publishes, only if its range has all partials of the progress that was read. */
        CHECKS_PARTIALS_END,
        /** A batch without partials for an output partition keeps the end of the last ones. */
        KEEPS_PARTIALS_END,
        /** Offsets are published only if stage 2's progress has reached the end of their partials. */
        PUBLISHES_WHAT_IS_MERGED,
        /** A partition is registered in both stages in one transaction. */
        REGISTERS_TOGETHER,
        /** A partition that joins is registered by a compare-and-set on stage 2's progress too. */
        JOINS_THROUGH_TOTALS,
        /** Stage 2 closes nothing if other input partitions are registered than its plan knew. */
        COMPARES_INPUTS,
        /** A plan that finds its range held back fences the slices that have open transactions in X. */
        FENCES_OPEN_SLICES
    }

    /** What may happen. */
    enum Fault {
        STALE_LEADERS,
        TIMEOUTS,
        /** Input partition 0 or output partition 0 may fail in a run. */
        FAILURES,
        /** A budget may end the range of input partition 0 early. */
        BUDGETS,
        /** An attempt of stage 2 may be given up, and commit at any later time. */
        ZOMBIES,
        /** The last input partition is registered later than the others. */
        JOINING,
        /** Somebody may remove partials that are not merged. */
        LOST_PARTIALS
    }

    /** Where stage 1 takes {@code closedBefore} from. */
    enum ClosedBefore {
        STAGE_1,
        LEAST_OF_TOTALS,
        GREATEST_OF_TOTALS
    }

    /** Interesting states, which a search must reach, or it proves little. */
    enum Seen {
        LATE_RECORD,
        COUNT_AND_FINAL_ROW,
        HELD_BACK,
        ABORTED_PARTIAL,
        GAP_IN_PARTIALS,
        STALE_IN_STAGE_1,
        STALE_IN_STAGE_2,
        NOT_PUBLISHED,
        JOINED_AFTER_A_CLOSE,
        OTHER_INPUTS,
        PARTIALS_LOST
    }

    /** A record of the input: its window, and the output partition of its group. */
    record Sent(int window, int output) {}

    /**
     * The bounds of a search.
     *
     * @param present how many records of each input partition are there in the beginning
     * @param closes a run each: the windows that it may close
     * @param attempts how often each transactional id is fenced, or its transaction aborted
     * @param overlap whether a run may begin before the one before has ended
     */
    record Bounds(
            List<List<Sent>> records,
            List<Integer> present,
            List<Integer> closes,
            int outputs,
            int attempts,
            boolean overlap) {
        Bounds closes(Integer... newCloses) {
            return new Bounds(records, present, List.of(newCloses), outputs, attempts, overlap);
        }

        Bounds attempts(int newAttempts) {
            return new Bounds(records, present, closes, outputs, newAttempts, overlap);
        }

        Bounds oneRunAtATime() {
            return new Bounds(records, present, closes, outputs, attempts, false);
        }
    }

    static ScopeVariant designed(Bounds bounds, Fault... faults) {
        Set<Fault> all = EnumSet.noneOf(Fault.class);
        all.addAll(List.of(faults));
        return new ScopeVariant(bounds, EnumSet.allOf(Part.class), all, ClosedBefore.STAGE_1);
    }

    ScopeVariant without(Part... fewer) {
        Set<Part> left = EnumSet.copyOf(parts);
        left.removeAll(List.of(fewer));
        return new ScopeVariant(bounds, left, faults, closedBefore);
    }

    boolean has(Part part) {
        return parts.contains(part);
    }

    boolean has(Fault fault) {
        return faults.contains(fault);
    }

    boolean announces() {
        return closedBefore == ClosedBefore.STAGE_1;
    }

    ScopeVariant closedBefore(ClosedBefore from) {
        return new ScopeVariant(bounds, parts, faults, from);
    }
}
