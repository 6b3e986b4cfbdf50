package io.tidemark.aggregate;

import java.io.IOException;

/** Receives a value of a row: one call, or calls between those that begin and end a
 * list or an object. */
public interface ValueWriter {
    /** There is no value, because no record counted. */
    void none() throws IOException;

    /** A number by its digits. */
    void digits(String number) throws IOException;

    /** A double; not finite if a sum is beyond the range of a double. */
    void real(double number) throws IOException;

    /** A text, number or boolean of a record. */
    void value(GroupValue value) throws IOException;

    /** A value with bounds of how many records have it. */
    void counted(GroupValue value, long atLeast, long atMost) throws IOException;

    /** Begins an object. */
    void startObject() throws IOException;

    /** The name of the next value of an object. */
    void field(String name) throws IOException;

    /** Ends an object. */
    void endObject() throws IOException;

    /** Begins a list. */
    void startList() throws IOException;

    /** Ends a list. */
    void endList() throws IOException;
}
