package io.tidemark.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** Whether a command prints text or JSON, and where. */
final class PrintOptions {
    @Spec(Target.MIXEE)
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(names = "--json", description = "Print JSON instead of text.")
    private boolean json;

    boolean json() {
        return json;
    }

    Printer printer() {
        return new Printer(spec.commandLine().getOut());
    }

    /** Prints text that may hold control characters, to redraw a terminal. */
    void raw(String text) {
        spec.commandLine().getOut().print(text);
        spec.commandLine().getOut().flush();
    }

    /** Prints a message to standard error, so that standard output holds only the answer. */
    void note(String text) {
        spec.commandLine().getErr().println(Printer.harmless(text));
        spec.commandLine().getErr().flush();
    }

    /** Says how many rows or the like were not printed because of {@code --limit}. */
    void noteRest(long all, int shown, String noun) {
        if (shown < all) {
            note(Texts.count(all - shown, "more " + noun) + "; --limit " + all + " shows all");
        }
    }
}
