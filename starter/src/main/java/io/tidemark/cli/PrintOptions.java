package io.tidemark.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** For whom a command prints. */
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

    /** Moves the cursor of a terminal, and draws. */
    void raw(String text) {
        spec.commandLine().getOut().print(text);
        spec.commandLine().getOut().flush();
    }

    /** Says something that is not the answer, on standard error. */
    void note(String text) {
        spec.commandLine().getErr().println(Printer.harmless(text));
        spec.commandLine().getErr().flush();
    }
}
