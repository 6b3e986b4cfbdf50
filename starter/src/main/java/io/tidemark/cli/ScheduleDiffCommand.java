package io.tidemark.cli;

import io.tidemark.cli.ScheduleChange.Action;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Shows how schedules and the files of a folder differ. */
@Command(
        name = "diff",
        description = {
            "Show in which fields schedules differ from the schedule files of a folder.",
            "Changes nothing. The exit code is 6 if there is a difference."
        },
        sortOptions = false)
final class ScheduleDiffCommand implements Callable<Integer> {
    @Mixin
    private ScheduleApplyCommand.Folder folder = new ScheduleApplyCommand.Folder();

    @Mixin
    private TemporalOptions temporal = new TemporalOptions();

    @Mixin
    private PrintOptions print = new PrintOptions();

    @Override
    public Integer call() {
        List<ScheduleFile> files = folder.read();
        try (TemporalConnection connection = temporal.connect()) {
            List<ScheduleChange> changes = folder.compare(folder.sync(connection), files);
            if (print.json()) {
                print.printer().json(folder.json(changes));
            } else {
                changes.stream()
                        .filter(each -> each.action() != Action.NONE)
                        .forEach(each -> each.print(print.printer()));
                print.printer().line(ScheduleApplyCommand.account(changes));
            }
            return changes.stream().allMatch(each -> each.action() == Action.NONE)
                    ? ExitCode.DONE.code()
                    : ExitCode.DIFFERS.code();
        }
    }
}
