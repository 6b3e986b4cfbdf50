package io.tidemark.launch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ./tidemark man}: writes the man pages. */
@Command(
        name = "man",
        description = "Write a man page for each command, such as tidemark-run.1, to a folder.",
        footer = {"", "./tidemark man ~/.local/share/man/man1 && man tidemark-run"})
final class ManCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Parameters(
            index = "0",
            paramLabel = "DIR",
            description = "Folder for the pages, which is created. Files with the same names are replaced.")
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @Override
    public Integer call() throws IOException {
        Map<String, String> pages = ManPages.of(AllCommands.commandLine());
        Files.createDirectories(folder);
        for (Map.Entry<String, String> each : pages.entrySet()) {
            Files.writeString(folder.resolve(each.getKey()), each.getValue());
        }
        spec.commandLine().getOut().println("wrote " + pages.size() + " pages to " + folder);
        spec.commandLine().getOut().flush();
        return 0;
    }
}
