package io.tidemark.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A file of runs that have ended, one JSON document a line. Temporal forgets a run after the namespace's retention period;
 * the file keeps it.
 */
final class RunArchive {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;
    private final Map<String, JsonNode> byRunId = new LinkedHashMap<>();
    private boolean changed;

    private RunArchive(Path file) {
        this.file = file;
    }

    /**
     * Reads a file; one that does not exist is empty.
     *
     * @throws CliException with file and line
     */
    static RunArchive read(Path file) {
        RunArchive archive = new RunArchive(file);
        try {
            List<String> lines = Files.exists(file) ? Files.readAllLines(file) : List.of();
            for (int i = 0; i < lines.size(); i++) {
                if (!lines.get(i).isBlank()) {
                    archive.read(lines.get(i), i + 1);
                }
            }
        } catch (CharacterCodingException e) {
            throw CliException.usage(file + ": is not UTF-8");
        } catch (IOException e) {
            throw CliException.usage(file + ": cannot be read");
        }
        return archive;
    }

    private void read(String line, int number) {
        JsonNode document;
        try {
            document = JSON.readTree(line);
        } catch (JsonProcessingException e) {
            throw CliException.usage(file + ":" + number + ": is not JSON: " + e.getOriginalMessage());
        }
        String problem = RunDocument.problem(document);
        if (problem != null) {
            throw CliException.usage(file + ":" + number + ": " + problem);
        }
        add(document);
        changed = false;
    }

    /** Returns the runs of a job. */
    List<JsonNode> of(String job) {
        return byRunId.values().stream()
                .filter(each -> each.path("job").asText().equals(job))
                .toList();
    }

    /** Adds a run that has ended, unless it is there with its steps already. */
    void add(JsonNode document) {
        JsonNode before = byRunId.get(document.path("runId").asText());
        if (document.path("ended").isTextual()
                && (before == null || before.path("steps").isEmpty())) {
            changed |= !document.equals(before);
            byRunId.put(document.path("runId").asText(), document);
        }
    }

    /** Writes the file if runs were added: at once, so that no reader sees half of it. */
    void write() {
        if (!changed) {
            return;
        }
        List<String> lines = new ArrayList<>();
        byRunId.values().forEach(each -> lines.add(each.toString()));
        try {
            Path temporary = Files.createTempFile(file.toAbsolutePath().getParent(), "runs", ".tmp");
            Files.write(temporary, lines);
            Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw CliException.failed(file + ": cannot be written: " + e);
        }
    }
}
