package io.tidemark.cli;

import org.jspecify.annotations.Nullable;

/**
 * Writes a document that is well-formed as XML and as HTML. Every text and every value of an attribute is escaped here, so
 * no caller can forget it.
 */
final class Html {
    private final StringBuilder out = new StringBuilder();

    /** Opens an element; {@code attributes} are names and values in turn. A value that is null leaves its attribute out. */
    Html open(String element, @Nullable Object... attributes) {
        return tag(element, ">", attributes);
    }

    Html close(String element) {
        out.append("</").append(element).append('>');
        return this;
    }

    /** Writes an element without content. */
    Html empty(String element, @Nullable Object... attributes) {
        return tag(element, "/>", attributes);
    }

    /** Writes an element that contains only a text. */
    Html element(String element, String text, @Nullable Object... attributes) {
        return open(element, attributes).text(text).close(element);
    }

    Html text(String text) {
        escape(text);
        return this;
    }

    /** Writes markup of this program: a style or a script. Both are without the characters that XML reserves. */
    Html raw(String markup) {
        out.append(markup);
        return this;
    }

    private Html tag(String element, String end, @Nullable Object... attributes) {
        out.append('<').append(element);
        for (int i = 0; i < attributes.length; i += 2) {
            Object value = attributes[i + 1];
            if (value != null) {
                out.append(' ').append(attributes[i]).append("=\"");
                escape(value instanceof Double number ? decimal(number) : value.toString());
                out.append('"');
            }
        }
        out.append(end);
        return this;
    }

    /** Returns a coordinate with at most one decimal. */
    private static String decimal(double number) {
        long tenths = Math.round(number * 10);
        return tenths % 10 == 0 ? Long.toString(tenths / 10) : Double.toString(tenths / 10.0);
    }

    private void escape(String text) {
        for (int i = 0; i < text.length(); ) {
            int each = text.codePointAt(i);
            i += Character.charCount(each);
            switch (each) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '"' -> out.append("&quot;");
                case '\n' -> out.append('\n');
                default -> out.appendCodePoint(isCharacter(each) ? each : 0xFFFD);
            }
        }
    }

    /** Whether XML permits the character; control characters would also be invisible. */
    private static boolean isCharacter(int each) {
        return !Character.isISOControl(each) && !(each >= 0xD800 && each <= 0xDFFF) && (each & 0xFFFE) != 0xFFFE;
    }

    @Override
    public String toString() {
        return out.toString();
    }
}
