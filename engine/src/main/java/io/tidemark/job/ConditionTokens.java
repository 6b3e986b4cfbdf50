package io.tidemark.job;

import io.tidemark.job.form.InvalidJobException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The tokens of a condition, and the one that the parser reads next. */
final class ConditionTokens {
    /** Longer conditions are cut in messages, around the place of the error. */
    private static final int LONGEST_SHOWN = 60;

    /** A token's kind. Operators and parentheses are told apart by their text. */
    enum Kind {
        NAME,
        NUMBER,
        TEXT,
        SYMBOL,
        END
    }

    /**
     * A token.
     *
     * @param text as it was written; for a TEXT without quotes, its escapes resolved
     * @param at where it begins
     * @param end where it ends, exclusively
     */
    record Token(Kind kind, String text, int at, int end) {
        boolean is(String symbol) {
            return kind == Kind.SYMBOL && text.equals(symbol);
        }
    }

    private static final List<String> SYMBOLS =
            List.of("==", "!=", "<=", ">=", "&&", "||", "<", ">", "!", "(", ")", "[", "]", ",", ".", "-");

    private final String text;
    private final List<Token> tokens = new ArrayList<>();
    private int next;

    ConditionTokens(String text) {
        this.text = text;
        int at = 0;
        while (true) {
            while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
                at++;
            }
            if (at == text.length()) {
                tokens.add(new Token(Kind.END, "the end", at, at));
                return;
            }
            Token token = read(at);
            tokens.add(token);
            at = token.end;
        }
    }

    Token peek() {
        return tokens.get(next);
    }

    Token take() {
        Token token = tokens.get(next);
        next = Math.min(next + 1, tokens.size() - 1);
        return token;
    }

    boolean takeIf(String symbol) {
        if (!peek().is(symbol)) {
            return false;
        }
        take();
        return true;
    }

    void expect(String symbol) {
        if (!takeIf(symbol)) {
            throw problem(peek(), "'" + symbol + "' must stand before " + described(peek()));
        }
    }

    InvalidJobException problem(Token at, String what) {
        return problem(at.at, what);
    }

    private InvalidJobException problem(int at, String what) {
        int from = text.length() <= LONGEST_SHOWN ? 0 : Math.max(0, at - LONGEST_SHOWN / 2);
        int to = Math.min(text.length(), from + LONGEST_SHOWN);
        return new InvalidJobException(
                "",
                what + ", at character " + (at + 1) + " of " + (from > 0 ? "…" : "")
                        + text.substring(from, to).replaceAll("\\s", " ") + (to < text.length() ? "…" : ""));
    }

    static String described(Token token) {
        return token.kind == Kind.END ? token.text : "'" + token.text + "'";
    }

    private Token read(int at) {
        char c = text.charAt(at);
        if (c == '"' || c == '\'') {
            return quoted(at);
        }
        if (isDigit(c)) {
            return number(at);
        }
        if (isNameStart(c)) {
            int end = at + 1;
            while (end < text.length() && (isNameStart(text.charAt(end)) || isDigit(text.charAt(end)))) {
                end++;
            }
            return new Token(Kind.NAME, text.substring(at, end), at, end);
        }
        if (text.startsWith("<>", at)) {
            throw problem(at, "'<>' is no operator; write '!='");
        }
        for (String symbol : SYMBOLS) {
            if (text.startsWith(symbol, at)) {
                return new Token(Kind.SYMBOL, symbol, at, at + symbol.length());
            }
        }
        throw problem(
                at,
                switch (c) {
                    case '=' -> "'=' is no operator; write '==' to compare";
                    case '&' -> "'&' is no operator; write '&&' for and";
                    case '|' -> "'|' is no operator; write '||' for or";
                    case '+', '*', '/', '%', '?', ':' ->
                        "'" + c + "' is no operator; a condition compares and does not calculate";
                    default ->
                        "'" + Character.toString(text.codePointAt(at))
                                + "' cannot stand here; write a field with such a name as [\"name\"]";
                });
    }

    private Token number(int at) {
        int end = digits(at);
        if (end < text.length() && text.charAt(end) == '.') {
            end = digits(end + 1);
        }
        if (end < text.length() && (text.charAt(end) | 0x20) == 'e') {
            int sign = end + 1 < text.length() && "+-".indexOf(text.charAt(end + 1)) >= 0 ? 1 : 0;
            end = digits(end + 1 + sign);
        }
        if (end < text.length() && isNameStart(text.charAt(end)) || !Character.isDigit(text.charAt(end - 1))) {
            throw problem(at, "this is no number such as 5, 0.5 or 1e9; write a text in quotes");
        }
        if (end - at > 1 && text.charAt(at) == '0' && isDigit(text.charAt(at + 1))) {
            throw problem(
                    at,
                    "a number does not begin with 0; write "
                            + text.substring(at, end).replaceFirst("^0+(?=[0-9])", ""));
        }
        String digits = text.substring(at, end);
        if (!Double.isFinite(Double.parseDouble(digits)) || digits.matches(".*[eE]-?0*[1-9][0-9]{3,}")) {
            throw problem(at, "this number is beyond the range of a double, which ends at 1.8e308");
        }
        return new Token(Kind.NUMBER, digits, at, end);
    }

    private int digits(int from) {
        int end = from;
        while (end < text.length() && isDigit(text.charAt(end))) {
            end++;
        }
        return end;
    }

    private Token quoted(int at) {
        char quote = text.charAt(at);
        StringBuilder value = new StringBuilder();
        int i = at + 1;
        while (i < text.length() && text.charAt(i) != quote) {
            if (text.charAt(i) == '\\') {
                i = escape(i + 1, value);
            } else {
                value.append(text.charAt(i++));
            }
        }
        if (i >= text.length()) {
            throw problem(at, "this text has no closing " + quote);
        }
        return new Token(Kind.TEXT, value.toString(), at, i + 1);
    }

    /** Resolves an escape whose backslash is before {@code at}; returns where it ends. CEL and JSON share these. */
    private int escape(int at, StringBuilder into) {
        char c = at < text.length() ? text.charAt(at) : ' ';
        int plain = "\\\"'/bfnrt".indexOf(c);
        if (plain >= 0) {
            into.append("\\\"'/\b\f\n\r\t".charAt(plain));
            return at + 1;
        }
        if (c == 'u' && at + 5 <= text.length()) {
            String digits = text.substring(at + 1, at + 5).toLowerCase(Locale.ROOT);
            if (digits.chars().allMatch(digit -> "0123456789abcdef".indexOf(digit) >= 0)) {
                into.append((char) Integer.parseInt(digits, 16));
                return at + 5;
            }
        }
        throw problem(at - 1, "this is no escape; a backslash itself is written \\\\");
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isNameStart(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_';
    }
}
