package io.tidemark.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.temporal.api.enums.v1.IndexedValueType;
import io.tidemark.temporal.NamespaceAttributes;
import io.tidemark.workflow.RunAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Adds the search attributes of runs to a namespace. */
@Command(
        name = "setup",
        description = {
            "Add Tidemark's search attributes to the Temporal namespace, so that runs can be listed by job, outcome and"
                    + " number of bad records.",
            "Runs work without them. Nothing else is changed; what is there already is kept."
        },
        sortOptions = false)
final class SetupCommand implements Callable<Integer> {
    @Mixin
    private TemporalOptions temporal = new TemporalOptions();

    @Mixin
    private PrintOptions print = new PrintOptions();

    @Override
    public Integer call() {
        try (TemporalConnection connection = temporal.connect()) {
            String namespace = connection.client().getOptions().getNamespace();
            NamespaceAttributes attributes = new NamespaceAttributes(connection.service(), namespace);
            Map<String, IndexedValueType> added;
            Map<String, IndexedValueType> present;
            try {
                added = attributes.add();
                present = attributes.present();
            } catch (StatusRuntimeException e) {
                throw refused(e, namespace);
            }
            List<List<String>> rows = new ArrayList<>();
            ObjectNode json = JsonNodeFactory.instance.objectNode();
            RunAttributes.types().forEach((name, type) -> {
                IndexedValueType found = present.getOrDefault(name, type);
                String state = added.containsKey(name)
                        ? "added"
                        : found == type ? "present" : "has the type " + text(found) + ", so runs do not set it";
                rows.add(List.of(name, text(type), state));
                json.put(name, state);
            });
            if (print.json()) {
                print.printer().json(json);
            } else {
                print.printer().table(List.of("attribute", "type", "in " + namespace), rows);
            }
            return ExitCode.DONE.code();
        }
    }

    private static RuntimeException refused(StatusRuntimeException e, String namespace) {
        Status.Code code = e.getStatus().getCode();
        if (code == Status.Code.UNAVAILABLE || code == Status.Code.DEADLINE_EXCEEDED) {
            return e;
        }
        StringBuilder commands = new StringBuilder();
        RunAttributes.types()
                .forEach((name, type) -> commands.append("\n  temporal operator search-attribute create --namespace ")
                        .append(namespace)
                        .append(" --name ")
                        .append(name)
                        .append(" --type ")
                        .append(text(type)));
        return CliException.failed("the Temporal server did not add search attributes to " + namespace + ": "
                + e.getStatus().getDescription() + ". Somebody with the permission can add them one by one; runs set"
                + " those that are there:" + commands);
    }

    /** {@code Keyword}, {@code Int}. */
    private static String text(IndexedValueType type) {
        String name = type.name().replace("INDEXED_VALUE_TYPE_", "").toLowerCase(Locale.ROOT);
        return name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1);
    }
}
