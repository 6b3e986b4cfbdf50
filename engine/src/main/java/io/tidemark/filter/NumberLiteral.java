package io.tidemark.filter;

/** A number of a filter's text, and the double that is nearest to it. */
record NumberLiteral(String digits, double nearest) {
    static NumberLiteral of(String digits) {
        return new NumberLiteral(digits, Double.parseDouble(digits));
    }
}
