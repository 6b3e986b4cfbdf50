package io.tidemark.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.job.JobCodec;
import io.tidemark.job.JobSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A job file: YAML or JSON. Errors name the line of the field, such as {@code jobs/voltage.yaml:7: window.every: …}.
 *
 * @param path the file
 * @param job the job in it, with the changes of {@code --set}
 */
public record JobFile(Path path, JobSpec job) {
    /**
     * Reads a job.
     *
     * @param settings changes to the file: {@code path=value} with a path such as {@code input.topic}, and a scalar or a list
     *     in YAML
     * @throws CliException with file, line and field
     */
    public static JobFile read(Path path, List<String> settings) {
        YamlFile file = YamlFile.read(path);
        for (String setting : settings) {
            set(path, file.root(), setting, file.places());
        }
        return new JobFile(path, file.as(JobCodec::read));
    }

    /** The input of the workflow: the job without the fields that have their default. */
    JsonNode json() {
        return JobCodec.write(job);
    }

    /** Reads the file that an argument names; empty if the argument is the name of a job or a schedule. */
    static Optional<JobFile> ifFile(String argument) {
        Path path = Path.of(argument);
        return Files.exists(path) || argument.matches(".*\\.(ya?ml|json)")
                ? Optional.of(read(path, List.of()))
                : Optional.empty();
    }

    /** Returns the name of the job whose file an argument names; the argument itself if it names no file. */
    static String nameOf(String argument) {
        return ifFile(argument).map(file -> file.job().name()).orElse(argument);
    }

    private static void set(Path file, JsonNode root, String setting, Map<String, String> places) {
        int equals = setting.indexOf('=');
        if (equals <= 0) {
            throw CliException.usage(
                    "--set " + setting + ": must have the form path=value, such as input.topic=readings");
        }
        if (!(root instanceof ObjectNode object)) {
            throw CliException.usage(file + ": must be an object of fields, so that --set can change one");
        }
        String path = setting.substring(0, equals);
        String[] names = path.split("\\.", -1);
        for (int i = 0; i < names.length - 1; i++) {
            JsonNode child = object.get(names[i]);
            if (child instanceof ObjectNode next) {
                object = next;
            } else if (child == null || child.isNull()) {
                object = object.putObject(names[i]);
            } else {
                throw CliException.usage("--set " + setting + ": "
                        + String.join(".", List.of(names).subList(0, i + 1)) + " must be an object, but is " + child);
            }
        }
        String last = names[names.length - 1];
        object.set(last, value(setting, setting.substring(equals + 1)));
        places.keySet().removeIf(each -> each.startsWith(path + ".") || each.startsWith(path + "["));
        places.put(path, "--set " + setting);
    }

    /** A scalar in YAML, or a list in brackets. A value that starts with a brace is a text, because key templates do. */
    private static JsonNode value(String setting, String text) {
        if (text.startsWith("{")) {
            return JsonNodeFactory.instance.textNode(text);
        }
        try {
            JsonNode value = YamlFile.YAML.readTree(text);
            if (value == null || value.isMissingNode()) {
                return JsonNodeFactory.instance.nullNode();
            }
            if (!value.isObject()) {
                return value;
            }
        } catch (JsonProcessingException e) {
            // The error below says what is expected.
        }
        throw CliException.usage("--set " + setting + ": the value must be a scalar or a list such as [a, b]");
    }
}
