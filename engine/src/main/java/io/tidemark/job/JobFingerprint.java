package io.tidemark.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.job.form.Form.Use;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * The fields that give a job's stored totals their meaning: {@link JobFields} marks them. It is stored with the totals, so
 * that a job in which one of these fields has changed is refused before it adds to them.
 *
 * @param hash the first 16 hex digits of the SHA-256 of {@code meaning} as JSON in UTF-8
 * @param meaning the fields and their values
 */
public record JobFingerprint(String hash, ObjectNode meaning) {

    /** The fingerprint of a job; the same whether the job came from YAML, JSON or a workflow input. */
    public static JobFingerprint of(JobSpec job) {
        ObjectNode meaning = (ObjectNode) JobFields.JOB.write(job, Use.FINGERPRINT);
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest(meaning.toString().getBytes(StandardCharsets.UTF_8));
            return new JobFingerprint(HexFormat.of().formatHex(digest, 0, 8), meaning);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }

    /**
     * The first difference between this job and a stored meaning, such as {@code window.every was "day" and is now
     * "hour"}; empty if they are the same.
     */
    public Optional<String> differenceFrom(JsonNode stored) {
        // First, because other fields have a meaning in one scope only.
        Optional<String> scope = difference("scope", stored.path("scope"), meaning.path("scope"));
        return scope.isPresent() ? scope : difference("", stored, meaning);
    }

    private static Optional<String> difference(String path, JsonNode was, JsonNode is) {
        if (was.equals(is) && was.toString().equals(is.toString())) {
            return Optional.empty();
        }
        if (was.isObject() && is.isObject()) {
            TreeSet<String> names = new TreeSet<>();
            for (Map.Entry<String, JsonNode> each : was.properties()) {
                names.add(each.getKey());
            }
            for (Map.Entry<String, JsonNode> each : is.properties()) {
                names.add(each.getKey());
            }
            for (String name : names) {
                Optional<String> found =
                        difference(path.isEmpty() ? name : path + "." + name, was.path(name), is.path(name));
                if (found.isPresent()) {
                    return found;
                }
            }
        }
        return Optional.of(path + " was " + text(was) + " and is now " + text(is));
    }

    private static String text(JsonNode value) {
        return value.isMissingNode() ? "absent" : value.toString();
    }
}
