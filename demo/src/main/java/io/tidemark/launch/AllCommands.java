package io.tidemark.launch;

import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** The commands of all modules as one program. Nothing can be run by it; completion and man pages are made from it. */
final class AllCommands {
    private AllCommands() {}

    /** Returns the model of {@code ./tidemark}, in which the commands of other modules have their options. */
    static CommandLine commandLine() {
        CommandLine program = io.tidemark.cli.Main.commandLine();
        Map<String, CommandLine> elsewhere = Main.commandLine().getSubcommands();
        CommandSpec spec = program.getCommandSpec();
        for (String name : List.copyOf(spec.subcommands().keySet())) {
            CommandLine real = elsewhere.get(name);
            if (real != null) {
                spec.removeSubcommand(name);
                // Made again, so that it inherits the options of this program.
                spec.addSubcommand(name, new CommandLine(real.<Object>getCommand()));
            }
        }
        return program;
    }
}
