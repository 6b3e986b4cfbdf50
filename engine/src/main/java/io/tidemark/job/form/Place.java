package io.tidemark.job.form;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/**
 * Where in a job a value stands.
 *
 * @param root the whole job
 * @param path from the top of the job, such as {@code groupBy[1]}; empty for the job itself
 */
public record Place(JsonNode root, String path) {
    /** Longer values are cut in messages. */
    private static final int LONGEST_SHOWN = 60;

    /** The place of a field of this object. */
    public Place at(String field) {
        return new Place(root, path.isEmpty() ? field : path + "." + field);
    }

    /** The place of an element of this list. */
    public Place at(int index) {
        return new Place(root, path + "[" + index + "]");
    }

    /** The error of a value here, to be thrown. */
    public InvalidJobException refuse(String problem) {
        return new InvalidJobException(path, problem);
    }

    /** The error of a value that does not fit the form that is expected here, to be thrown. */
    InvalidJobException unexpected(Form<?> form, JsonNode found) {
        return unexpected(form.expected(), form.instead(found), found);
    }

    /** The error of a value that is not what is expected here, to be thrown. */
    public InvalidJobException unexpected(String expected, JsonNode found) {
        return unexpected(expected, null, found);
    }

    /** The same error, with what to write instead if that is known. */
    InvalidJobException unexpected(String expected, @Nullable String instead, JsonNode found) {
        String shown = found.isTextual() ? "'" + found.textValue() + "'" : found.toString();
        return refuse("must be " + expected + ", but is "
                + (shown.length() > LONGEST_SHOWN ? shown.substring(0, LONGEST_SHOWN) + "…" : shown)
                + (instead == null ? "" : "; write " + instead));
    }
}
