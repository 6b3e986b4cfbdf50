package io.tidemark.job;

/** The functions of a text in a {@link Condition}. */
public enum TextFunction {
    /** The text begins with another. */
    STARTS_WITH("startsWith"),
    /** The text ends with another. */
    ENDS_WITH("endsWith"),
    /** The text has another somewhere in it. */
    CONTAINS("contains"),
    /** A part of the text matches a regular expression of RE2. */
    MATCHES("matches");

    private final String text;

    TextFunction(String text) {
        this.text = text;
    }

    /** The name in the text of a condition. */
    public String text() {
        return text;
    }
}
