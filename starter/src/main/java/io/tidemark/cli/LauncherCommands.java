package io.tidemark.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/**
 * Commands of other modules, listed here so that {@code --help} shows all commands. The launcher {@code ./tidemark}
 * starts them directly.
 */
final class LauncherCommands {
    private LauncherCommands() {}

    @Command(
            name = "demo",
            description = "Show it all: a broker, Temporal, a worker, sample readings, two runs, the rows."
                    + " Needs nothing but Java.")
    static final class Demo extends Elsewhere {}

    @Command(name = "worker", description = "Start a worker: it does the runs that the other commands ask for.")
    static final class Worker extends Elsewhere {}

    @Command(name = "bench", description = "Measure runs against a bare consumer on this machine.")
    static final class Bench extends Elsewhere {}

    /** Fails, and names the command to use instead. */
    abstract static class Elsewhere implements Callable<Integer> {
        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Unmatched
        @SuppressWarnings("unused")
        private List<String> arguments = new ArrayList<>();

        @Override
        public Integer call() {
            throw CliException.usage(
                    spec.name() + " is not part of this program; start it with ./tidemark " + spec.name());
        }
    }
}
