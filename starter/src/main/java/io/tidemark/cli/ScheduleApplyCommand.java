package io.tidemark.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.cli.ScheduleChange.Action;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes the schedules of a namespace equal to the files of a folder. */
@Command(
        name = "apply",
        description = {
            "Create and update schedules by the schedule files of a folder, whose names end in .schedule.yaml.",
            "Shows the changes first, and asks. A schedule that a person paused stays paused, unless its file has paused."
        },
        sortOptions = false)
final class ScheduleApplyCommand implements Callable<Integer> {
    @Mixin
    private Folder folder = new Folder();

    @Option(names = "--dry-run", description = "Only show the changes.")
    private boolean dryRun;

    @Option(names = "--yes", description = "Do not ask. Needed if there is no terminal to ask on.")
    private boolean yes;

    @Mixin
    private TemporalOptions temporal = new TemporalOptions();

    @Mixin
    private PrintOptions print = new PrintOptions();

    /** The files that are applied. */
    static final class Folder {
        @Parameters(index = "0", paramLabel = "DIR", description = "Folder with schedule files, one for each job.")
        @SuppressWarnings("NullAway.Init")
        private Path path;

        @Option(
                names = "--prune",
                description = "Also delete the schedules that apply created and that have no file any more.")
        private boolean prune;

        @Option(
                names = "--owner",
                paramLabel = "NAME",
                defaultValue = "default",
                description =
                        "Name of this set of files. --prune deletes only schedules that were created under the same name."
                                + " Default: ${DEFAULT-VALUE}.")
        private String owner = "default";

        List<ScheduleFile> read() {
            return ScheduleFile.readAll(path);
        }

        ScheduleSync sync(TemporalConnection connection) {
            return new ScheduleSync(connection, owner);
        }

        List<ScheduleChange> compare(ScheduleSync sync, List<ScheduleFile> files) {
            return sync.compare(files, prune);
        }

        ObjectNode json(List<ScheduleChange> changes) {
            ObjectNode json = JsonNodeFactory.instance.objectNode().put("owner", owner);
            ArrayNode all = json.putArray("changes");
            changes.forEach(each -> all.add(each.json()));
            return json;
        }
    }

    @Override
    public Integer call() {
        List<ScheduleFile> files = folder.read();
        try (TemporalConnection connection = temporal.connect()) {
            ScheduleSync sync = folder.sync(connection);
            List<ScheduleChange> changes = folder.compare(sync, files);
            List<ScheduleChange> needed = changes.stream()
                    .filter(each -> each.action() != Action.NONE)
                    .toList();
            if (!print.json()) {
                needed.forEach(each -> each.print(print.printer()));
                print.printer().line(account(changes));
            }
            boolean apply = !dryRun && !needed.isEmpty();
            if (apply) {
                if (!yes) {
                    Confirmation.ask(print, "Apply to " + connection.address() + "?");
                }
                for (ScheduleChange each : needed) {
                    sync.apply(each);
                    if (!print.json()) {
                        print.printer().line(done(each.action()) + " " + each.scheduleId());
                    }
                }
            }
            if (print.json()) {
                print.printer().json(folder.json(changes).put("applied", apply));
            }
            return ExitCode.DONE.code();
        }
    }

    private static String done(Action action) {
        return switch (action) {
            case CREATE -> "created";
            case UPDATE -> "updated";
            case DELETE -> "deleted";
            case NONE -> "left";
        };
    }

    /** {@code 1 to create, 2 to update, 4 without change}, or that there is nothing to change. */
    static String account(List<ScheduleChange> changes) {
        List<String> parts = new ArrayList<>();
        add(parts, changes, Action.CREATE, "to create");
        add(parts, changes, Action.UPDATE, "to update");
        add(parts, changes, Action.DELETE, "to delete");
        if (parts.isEmpty()) {
            return "nothing to change: " + Texts.count(changes.size(), "schedule");
        }
        add(parts, changes, Action.NONE, "without change");
        return String.join(", ", parts);
    }

    private static void add(List<String> parts, List<ScheduleChange> changes, Action action, String text) {
        long count = changes.stream().filter(each -> each.action() == action).count();
        if (count > 0) {
            parts.add(Texts.number(count) + " " + text);
        }
    }
}
