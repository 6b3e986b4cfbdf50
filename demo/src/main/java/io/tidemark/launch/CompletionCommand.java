package io.tidemark.launch;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ./tidemark completion}: prints the completion script of a shell. */
@Command(
        name = "completion",
        description = "Print the completion script of a shell, for all commands and options.",
        footer = {
            "",
            "bash, now:           source <(./tidemark completion bash)",
            "bash, for good:      ./tidemark completion bash > ~/.local/share/bash-completion/completions/tidemark",
            "zsh, in ~/.zshrc:    source <(tidemark completion zsh)"
        })
final class CompletionCommand implements Callable<Integer> {
    /** The shells that are known. */
    enum Shell {
        bash,
        zsh
    }

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "SHELL", description = "bash or zsh.")
    @SuppressWarnings("NullAway.Init")
    private Shell shell;

    @Override
    public Integer call() {
        spec.commandLine().getOut().print(script(shell));
        spec.commandLine().getOut().flush();
        return 0;
    }

    static String script(Shell shell) {
        // zsh loads the functions of bash; the script calls bashcompinit itself, but not compinit.
        String zsh = "autoload -Uz compinit && compinit\n";
        return (shell == Shell.zsh ? zsh : "") + AutoComplete.bash("tidemark", AllCommands.commandLine());
    }
}
