package io.tidemark.job.form;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** Finds the name that a misspelled one was probably meant to be. */
public final class Spelling {
    /** In shorter names two typing errors leave too little to recognise. */
    private static final int LENGTH_FOR_TWO_ERRORS = 7;

    private Spelling() {}

    /** The nearest of several names: in other case, or at most one or two typing errors away. */
    static Optional<String> nearest(String name, Collection<String> names) {
        int least = (name.length() < LENGTH_FOR_TWO_ERRORS ? 1 : 2) + 1;
        Optional<String> nearest = Optional.empty();
        for (String each : names) {
            int distance = distance(name.toLowerCase(Locale.ROOT), each.toLowerCase(Locale.ROOT));
            if (distance < least) {
                least = distance;
                nearest = Optional.of(each);
            }
        }
        return nearest;
    }

    /** {@code "; did you mean groupBy?"}, or nothing. */
    public static String hint(String name, Collection<String> names) {
        return nearest(name, names).map(each -> "; did you mean " + each + "?").orElse("");
    }

    /** Letters to insert, delete, replace or swap with the next one (optimal string alignment). */
    private static int distance(String a, String b) {
        int[][] distances = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    distances[i][j] = i + j;
                    continue;
                }
                boolean same = a.charAt(i - 1) == b.charAt(j - 1);
                int best = Math.min(
                        distances[i - 1][j - 1] + (same ? 0 : 1),
                        1 + Math.min(distances[i - 1][j], distances[i][j - 1]));
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    best = Math.min(best, distances[i - 2][j - 2] + 1);
                }
                distances[i][j] = best;
            }
        }
        return distances[a.length()][b.length()];
    }
}
