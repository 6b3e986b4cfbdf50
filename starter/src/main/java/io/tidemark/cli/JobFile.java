package io.tidemark.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import io.tidemark.job.JobCodec;
import io.tidemark.job.JobSpec;
import io.tidemark.job.form.InvalidJobException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A job file: YAML or JSON, one document, no duplicate keys, no aliases. Errors name the line of the field, such as
 * {@code jobs/voltage.yaml:7: window.every: …}.
 *
 * @param path the file
 * @param job the job in it, with the changes of {@code --set}
 */
public record JobFile(Path path, JobSpec job) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ObjectMapper YAML = new ObjectMapper(YAMLFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build());
    private static final JsonFactory STRICT_JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    /**
     * Reads a job.
     *
     * @param settings changes to the file: {@code path=value} with a path such as {@code input.topic}, and a scalar or a list
     *     in YAML
     * @throws CliException with file, line and field
     */
    public static JobFile read(Path path, List<String> settings) {
        // From a field's path to its file and line, or its --set.
        Map<String, String> places = new HashMap<>();
        JsonNode root = tree(path, places);
        for (String setting : settings) {
            set(path, root, setting, places);
        }
        try {
            return new JobFile(path, JobCodec.read(root));
        } catch (InvalidJobException e) {
            throw CliException.usage(place(e.path(), places) + ": " + e.getMessage());
        }
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

    private static JsonNode tree(Path path, Map<String, String> places) {
        boolean json = path.toString().toLowerCase(Locale.ROOT).endsWith(".json");
        try (JsonParser parser =
                json ? STRICT_JSON.createParser(text(path)) : YAML.getFactory().createParser(text(path))) {
            if (parser.nextToken() == null) {
                throw CliException.usage(path + ": is empty");
            }
            JsonNode root = node(parser, path, "", places);
            if (parser.nextToken() != null) {
                throw CliException.usage(
                        path + ":" + parser.currentTokenLocation().getLineNr()
                                + ": must hold one document, but a second one starts here; write each job to its own file");
            }
            return root;
        } catch (JsonProcessingException e) {
            throw CliException.usage(path + ":"
                    + (e.getLocation() == null ? "" : e.getLocation().getLineNr() + ":") + " "
                    + sentence(e.getOriginalMessage()));
        } catch (CharacterCodingException e) {
            throw CliException.usage(path + ": is not UTF-8");
        } catch (IOException e) {
            throw CliException.usage(path + ": "
                    + (Files.isDirectory(path)
                            ? "is a folder"
                            : Files.exists(path) ? "cannot be read" : "does not exist"));
        }
    }

    /** The text of a file, without the byte-order mark that some editors of Windows put in front. */
    private static String text(Path path) throws IOException {
        String text = Files.readString(path);
        return text.startsWith("\uFEFF") ? text.substring(1) : text;
    }

    /** The context and the error of a message of SnakeYAML. These lines are not indented; excerpts of the file are. */
    private static String sentence(String message) {
        return message.lines()
                .filter(line -> !line.isBlank() && !Character.isWhitespace(line.charAt(0)))
                .limit(2)
                .collect(Collectors.joining(", "));
    }

    private static JsonNode node(JsonParser parser, Path file, String path, Map<String, String> places)
            throws IOException {
        int line = parser.currentTokenLocation().getLineNr();
        places.putIfAbsent(path, file + ":" + line);
        if (parser instanceof YAMLParser yaml && yaml.isCurrentAlias()) {
            throw CliException.usage(
                    file + ":" + line + ": must not have an alias (*" + yaml.getText() + "); write the value again");
        }
        if (parser.currentToken() == JsonToken.START_OBJECT) {
            ObjectNode object = JsonNodeFactory.instance.objectNode();
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String name = parser.currentName();
                String child = path.isEmpty() ? name : path + "." + name;
                places.put(child, file + ":" + parser.currentTokenLocation().getLineNr());
                parser.nextToken();
                object.set(name, node(parser, file, child, places));
            }
            return object;
        }
        if (parser.currentToken() == JsonToken.START_ARRAY) {
            ArrayNode array = JsonNodeFactory.instance.arrayNode();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                array.add(node(parser, file, path + "[" + array.size() + "]", places));
            }
            return array;
        }
        return JSON.readTree(parser);
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
            JsonNode value = YAML.readTree(text);
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

    /** Where a field stands; if it is missing, where its object or list stands. */
    private static String place(String path, Map<String, String> places) {
        String at = path;
        while (!places.containsKey(at)) {
            at = at.substring(0, Math.max(0, Math.max(at.lastIndexOf('.'), at.lastIndexOf('['))));
        }
        return places.getOrDefault(at, "");
    }
}
