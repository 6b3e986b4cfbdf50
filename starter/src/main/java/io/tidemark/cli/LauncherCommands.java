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
            description = "Start a Kafka broker, a Temporal server and a worker on this machine, and run the sample job"
                    + " twice. Needs only a JDK.")
    static final class Demo extends Elsewhere {}

    @Command(name = "worker", description = "Start a worker, the process that executes the runs.")
    static final class Worker extends Elsewhere {}

    @Command(
            name = "exporter",
            description = "Serve metrics of all jobs for Prometheus, from what Kafka and Temporal store.")
    static final class Exporter extends Elsewhere {}

    @Command(name = "bench", description = "Measure runs on this machine and compare them with a plain Kafka consumer.")
    static final class Bench extends Elsewhere {}

    @Command(name = "completion", description = "Print the completion script of a shell, for all commands and options.")
    static final class Completion extends Elsewhere {}

    @Command(name = "man", description = "Write a man page for each command, such as tidemark-run.1, to a folder.")
    static final class Man extends Elsewhere {}

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
