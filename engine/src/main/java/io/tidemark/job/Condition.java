package io.tidemark.job;

import java.util.List;

/**
 * Which records a job counts: the field {@code where}. It is true or false of a record, or an error: a field is missing or
 * has another type. As in CEL, an error is absorbed where the rest decides: {@code false && error} is false, {@code true ||
 * error} is true.
 *
 * <p>{@link ConditionParser} reads it, {@link ConditionText} writes it, and {@code io.tidemark.filter} evaluates it. Fields
 * are paths; numbers are the digits of the job, because a double would round some of them.
 */
public sealed interface Condition {

    /** Applies the method of this kind of condition. A new kind is a new method, so that no visitor can forget it. */
    <R> R accept(Visitor<R> visitor);

    /** The fields that it names, each once, as paths. */
    default List<String> paths() {
        return ConditionTypes.paths(this);
    }

    /** The text that {@code where} has. */
    default String asText() {
        return ConditionText.of(this);
    }

    /** What is done with each kind of condition. */
    interface Visitor<R> {
        /** For {@code a && b}. */
        R all(All condition);

        /** For {@code a || b}. */
        R any(Any condition);

        /** For {@code !a}. */
        R not(Not condition);

        /** For {@code has(a)}. */
        R has(Has condition);

        /** For a field alone, such as {@code ok}. */
        R isTrue(IsTrue condition);

        /** For {@code a == null}. */
        R isNull(IsNull condition);

        /** For {@code a >= 5}. */
        R number(NumberIs condition);

        /** For {@code a == "x"}. */
        R text(TextIs condition);

        /** For {@code a < b}. */
        R fields(FieldsAre condition);

        /** For {@code a in [1, 2]}. */
        R numberIn(NumberIn condition);

        /** For {@code a in ["x", "y"]}. */
        R textIn(TextIn condition);

        /** For {@code a.startsWith("x")} and the other functions of a text. */
        R textHas(TextHas condition);
    }

    /** All of several. */
    record All(List<Condition> parts) implements Condition {
        /** Copies the list. */
        public All {
            parts = List.copyOf(parts);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.all(this);
        }
    }

    /** Any of several. */
    record Any(List<Condition> parts) implements Condition {
        /** Copies the list. */
        public Any {
            parts = List.copyOf(parts);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.any(this);
        }
    }

    /** The opposite. */
    record Not(Condition part) implements Condition {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.not(this);
        }
    }

    /** Whether the record has a field, also if it is null. Never an error. */
    record Has(String path) implements Condition {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.has(this);
        }
    }

    /** A field that is true or false itself. */
    record IsTrue(String path) implements Condition {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.isTrue(this);
        }
    }

    /** Whether a field is null. */
    record IsNull(String path) implements Condition {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.isNull(this);
        }
    }

    /** Compares a number of the record with one of the job, by value. */
    record NumberIs(String path, Order order, String digits) implements Condition {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.number(this);
        }
    }

    /** Compares a text of the record with one of the job, by code points. */
    record TextIs(String path, Order order, String text) implements Condition {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.text(this);
        }
    }

    /** Compares two fields, which are both numbers, both texts, or, for equality, both true or false. */
    record FieldsAre(String path, Order order, String other) implements Condition {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.fields(this);
        }
    }

    /** Whether a number is one of several. */
    record NumberIn(String path, List<String> digits) implements Condition {
        /** Copies the list. */
        public NumberIn {
            digits = List.copyOf(digits);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.numberIn(this);
        }
    }

    /** Whether a text is one of several. */
    record TextIn(String path, List<String> texts) implements Condition {
        /** Copies the list. */
        public TextIn {
            texts = List.copyOf(texts);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.textIn(this);
        }
    }

    /** Applies a function to a text of the record and one of the job. */
    record TextHas(String path, TextFunction function, String text) implements Condition {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.textHas(this);
        }
    }
}
