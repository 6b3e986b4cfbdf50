package io.tidemark.filter;

import com.google.re2j.Matcher;
import io.tidemark.job.Order;
import io.tidemark.job.TextFunction;
import io.tidemark.json.FieldValues;
import io.tidemark.json.FieldValues.FieldType;
import java.util.Arrays;

/** A {@link io.tidemark.job.Condition} with numbers of fields instead of paths, and with its values as bytes and doubles. */
@SuppressWarnings("ArrayRecordComponent") // never compared
interface Check {
    int FALSE = 0;
    int TRUE = 1;
    /** What is wrong is in the {@link Scratch}. */
    int ERROR = 2;

    int test(FieldValues values, Scratch scratch);

    static int of(boolean value) {
        return value ? TRUE : FALSE;
    }

    /** All of several. */
    record And(Check[] all) implements Check {
        @Override
        public int test(FieldValues values, Scratch scratch) {
            int result = TRUE;
            for (Check check : all) {
                int each = check.test(values, scratch);
                if (each == FALSE) {
                    return FALSE;
                }
                // An error is greater than TRUE.
                result = Math.max(result, each);
            }
            return result;
        }
    }

    /** Any of several. */
    record Or(Check[] any) implements Check {
        @Override
        public int test(FieldValues values, Scratch scratch) {
            int result = FALSE;
            for (Check check : any) {
                int each = check.test(values, scratch);
                if (each == TRUE) {
                    return TRUE;
                }
                // An error is greater than FALSE.
                result = Math.max(result, each);
            }
            return result;
        }
    }

    /** The opposite. */
    record Not(Check part) implements Check {
        @Override
        public int test(FieldValues values, Scratch scratch) {
            int result = part.test(values, scratch);
            return result == ERROR ? ERROR : TRUE - result;
        }
    }

    /** Whether the record has a field, also if it is null. */
    record Has(int field) implements Check {
        @Override
        public int test(FieldValues values, Scratch scratch) {
            return of(values.type(field) != FieldType.MISSING);
        }
    }

    /** A field that is true or false itself. */
    record IsTrue(int field) implements Check {
        @Override
        public int test(FieldValues values, Scratch scratch) {
            return switch (values.type(field)) {
                case TRUE -> TRUE;
                case FALSE -> FALSE;
                default -> scratch.unlike(field, "true or false");
            };
        }
    }

    /** Whether a field is null. */
    record IsNull(int field) implements Check {
        @Override
        public int test(FieldValues values, Scratch scratch) {
            return switch (values.type(field)) {
                case MISSING -> scratch.unlike(field, "null or a value");
                case NULL -> TRUE;
                default -> FALSE;
            };
        }
    }

    /** Compares a number with one of the filter. */
    record NumberIs(int field, Order order, NumberLiteral other) implements Check {
        @Override
        public int test(FieldValues values, Scratch scratch) {
            int compared = scratch.compare(values, field, other);
            return compared == Scratch.FAILED ? ERROR : of(order.holds(compared));
        }
    }

    /** Compares a text with one of the filter, by code points. */
    record TextIs(int field, Order order, byte[] other) implements Check {
        @Override
        public int test(FieldValues values, Scratch scratch) {
            int length = scratch.text(values, field);
            if (length == Scratch.FAILED) {
                return ERROR;
            }
            // UTF-8 has the order of code points.
            return of(order.holds(Arrays.compareUnsigned(scratch.bytes(), 0, length, other, 0, other.length)));
        }
    }

    /** Compares two fields, which are both numbers, both texts, or, for equality, both true or false. */
    record FieldsAre(int field, Order order, int other) implements Check {
        @Override
        public int test(FieldValues values, Scratch scratch) {
            int compared = scratch.compare(values, field, order, other);
            return compared == Scratch.FAILED ? ERROR : of(order.holds(compared));
        }
    }

    /** Whether a number is one of several. */
    record NumberIn(int field, NumberLiteral[] others) implements Check {
        @Override
        public int test(FieldValues values, Scratch scratch) {
            for (NumberLiteral other : others) {
                int compared = scratch.compare(values, field, other);
                if (compared == Scratch.FAILED) {
                    return ERROR;
                }
                if (compared == 0) {
                    return TRUE;
                }
            }
            return FALSE;
        }
    }

    /** Whether a text is one of several. */
    record TextIn(int field, byte[][] others) implements Check {
        @Override
        public int test(FieldValues values, Scratch scratch) {
            int length = scratch.text(values, field);
            if (length == Scratch.FAILED) {
                return ERROR;
            }
            for (byte[] other : others) {
                if (Arrays.equals(scratch.bytes(), 0, length, other, 0, other.length)) {
                    return TRUE;
                }
            }
            return FALSE;
        }
    }

    /** Whether a text has another one at its beginning, at its end, or anywhere. */
    record TextHas(int field, TextFunction function, byte[] part) implements Check {
        @Override
        public int test(FieldValues values, Scratch scratch) {
            int length = scratch.text(values, field);
            if (length == Scratch.FAILED) {
                return ERROR;
            }
            int last = length - part.length;
            if (function == TextFunction.STARTS_WITH) {
                return of(last >= 0 && isAt(0, scratch.bytes()));
            }
            int at = function == TextFunction.ENDS_WITH ? Math.max(last, 0) : 0;
            while (at <= last && !isAt(at, scratch.bytes())) {
                at++;
            }
            return of(at <= last);
        }

        private boolean isAt(int at, byte[] text) {
            return Arrays.equals(text, at, at + part.length, part, 0, part.length);
        }
    }

    /** Whether a part of a text matches a regular expression. Allocates: RE2/J needs an array of the text alone. */
    record TextMatches(int field, Matcher expression) implements Check {
        @Override
        public int test(FieldValues values, Scratch scratch) {
            int length = scratch.text(values, field);
            return length == Scratch.FAILED
                    ? ERROR
                    : of(expression
                            .reset(Arrays.copyOf(scratch.bytes(), length))
                            .find());
        }
    }
}
