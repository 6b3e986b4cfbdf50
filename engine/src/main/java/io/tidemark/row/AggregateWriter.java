package io.tidemark.row;

import com.fasterxml.jackson.core.JsonGenerator;
import io.tidemark.aggregate.GroupValue;
import io.tidemark.aggregate.ValueWriter;
import java.io.IOException;

/** Writes the values of aggregates as JSON. */
final class AggregateWriter implements ValueWriter {
    private final JsonGenerator generator;
    private final boolean numbersAsText;
    private boolean notFinite;

    AggregateWriter(JsonGenerator generator, boolean numbersAsText) {
        this.generator = generator;
        this.numbersAsText = numbersAsText;
    }

    /** Whether one of the numbers was not finite; it is written as null, and the row is not to be used. */
    boolean metNotFinite() {
        return notFinite;
    }

    @Override
    public void none() throws IOException {
        generator.writeNull();
    }

    @Override
    public void digits(String number) throws IOException {
        if (numbersAsText) {
            generator.writeString(number);
        } else {
            generator.writeNumber(number);
        }
    }

    @Override
    public void real(double number) throws IOException {
        if (Double.isFinite(number)) {
            digits(RowNumbers.text(number));
        } else {
            notFinite = true;
            none();
        }
    }

    @Override
    public void value(GroupValue value) throws IOException {
        writeValue(generator, value);
    }

    static void writeValue(JsonGenerator generator, GroupValue value) throws IOException {
        switch (value.type()) {
            case STRING -> generator.writeString(value.text());
            case NUMBER -> generator.writeNumber(value.text());
            case BOOLEAN -> generator.writeBoolean(value.text().equals("true"));
        }
    }

    @Override
    public void counted(GroupValue value, long atLeast, long atMost) throws IOException {
        generator.writeStartObject();
        generator.writeFieldName("value");
        value(value);
        generator.writeFieldName("atLeast");
        digits(Long.toString(atLeast));
        generator.writeFieldName("atMost");
        digits(Long.toString(atMost));
        generator.writeEndObject();
    }

    @Override
    public void startObject() throws IOException {
        generator.writeStartObject();
    }

    @Override
    public void field(String name) throws IOException {
        generator.writeFieldName(name);
    }

    @Override
    public void endObject() throws IOException {
        generator.writeEndObject();
    }

    @Override
    public void startList() throws IOException {
        generator.writeStartArray();
    }

    @Override
    public void endList() throws IOException {
        generator.writeEndArray();
    }
}
