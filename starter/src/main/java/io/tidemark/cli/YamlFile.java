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
import io.tidemark.job.form.InvalidJobException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A file that a person writes: YAML or JSON, one document, no duplicate keys, no aliases.
 *
 * @param path the file
 * @param root its document
 * @param places from a field's path to its file and line, such as {@code jobs/voltage.yaml:7}, or its {@code --set}
 */
record YamlFile(Path path, JsonNode root, Map<String, String> places) {
    static final ObjectMapper YAML = new ObjectMapper(YAMLFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build());

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonFactory STRICT_JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    /**
     * Reads a file.
     *
     * @throws CliException with file and line if it is not one document of YAML or JSON
     */
    static YamlFile read(Path path) {
        Map<String, String> places = new HashMap<>();
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
                                + ": must hold one document, but a second one starts here; write each to its own file");
            }
            return new YamlFile(path, root, places);
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

    /**
     * Returns what the document says.
     *
     * @param parse reads the document, or refuses it with the path of a field
     * @throws CliException if it is refused, with the line of that field
     */
    <V> V as(Function<JsonNode, V> parse) {
        try {
            return parse.apply(root);
        } catch (InvalidJobException e) {
            throw CliException.usage(place(e.path()) + ": " + e.getMessage());
        }
    }

    /** Where a field stands; if it is missing, where its object or list stands. */
    private String place(String field) {
        String at = field;
        while (!places.containsKey(at)) {
            at = at.substring(0, Math.max(0, Math.max(at.lastIndexOf('.'), at.lastIndexOf('['))));
        }
        return places.getOrDefault(at, "");
    }
}
