package io.tidemark.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;

/** Asks a person before something is changed. */
final class Confirmation {
    private static final Set<String> YES = Set.of("y", "yes");

    private Confirmation() {}

    /**
     * Returns after a yes on the terminal.
     *
     * @param question such as {@code Apply these changes?}
     * @throws CliException if the answer is another one, or if there is no terminal to ask on
     */
    static void ask(PrintOptions print, String question) {
        if (print.json() || !Terminal.isInteractive()) {
            throw CliException.usage("nothing was changed, because there is no terminal to ask on; add --yes");
        }
        print.raw(question + " [y/N] ");
        String answer;
        try {
            answer = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
        } catch (IOException e) {
            answer = null;
        }
        if (answer == null || !YES.contains(answer.strip().toLowerCase(Locale.ROOT))) {
            throw CliException.failed("nothing was changed");
        }
    }
}
