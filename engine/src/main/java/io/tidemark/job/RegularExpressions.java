package io.tidemark.job;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.regex.Matcher;
import org.jspecify.annotations.Nullable;

/**
 * Checks the regular expressions of a job. They are RE2's: their time is linear in the length of the text, so that no record
 * can stop a worker.
 */
final class RegularExpressions {
    private static final int MOST_CHARACTERS = 1_000;
    /** The time for a text is at most its length times the number of instructions. */
    private static final int MOST_INSTRUCTIONS = 1_000;
    /** RE2 copies what is repeated, before it can say how many instructions that makes. */
    private static final long MOST_COPIES = 100_000;

    private static final java.util.regex.Pattern REPETITION =
            java.util.regex.Pattern.compile("\\{(\\d{1,9})(?:,(\\d{0,9}))?\\}");

    private RegularExpressions() {}

    /** What is wrong with a regular expression, or null. */
    static @Nullable String problem(String regex) {
        if (regex.length() > MOST_CHARACTERS) {
            return "a regular expression has at most " + MOST_CHARACTERS + " characters, and this one "
                    + regex.length();
        }
        long copies = 1;
        Matcher repetition = REPETITION.matcher(regex);
        while (repetition.find() && copies <= MOST_COPIES) {
            String most = repetition.group(2);
            copies *= Math.max(1, Long.parseLong(most == null || most.isEmpty() ? repetition.group(1) : most));
        }
        if (copies > MOST_COPIES) {
            return "the repetitions of this regular expression multiply to more than " + MOST_COPIES;
        }
        try {
            int size = Pattern.compile(regex).programSize();
            return size <= MOST_INSTRUCTIONS
                    ? null
                    : "this regular expression has " + size + " instructions of RE2, and at most " + MOST_INSTRUCTIONS
                            + " are allowed; repeat less";
        } catch (PatternSyntaxException e) {
            return "this is no regular expression of RE2: " + e.getDescription();
        }
    }
}
