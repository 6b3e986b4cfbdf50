package io.tidemark.job;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.job.form.InvalidJobException;
import org.jspecify.annotations.Nullable;

/**
 * A field of a record by which a job groups.
 *
 * @param from where its value comes from
 * @param as its name in rows and key templates; null for the name that {@code from} has itself
 * @param absent the value of a record in which the field is missing or null: a string, a number, true or false; null if such
 *     a record is a bad record
 */
public record GroupField(
        FieldRef from, @Nullable String as, @Nullable JsonNode absent) {

    /** Refuses a group without a name, and a value for what every record has. */
    public GroupField {
        String own = from.name();
        if (as != null && as.equals(own)) {
            as = null;
        }
        if (as == null && own == null) {
            String source = from instanceof FieldRef.Key ? "key: true" : "header: …";
            throw new InvalidJobException("", "needs a name for rows; write { " + source + ", as: device }");
        }
        if (absent != null && from instanceof FieldRef.Meta meta && meta.kind() != FieldRef.Meta.Kind.TIMESTAMP) {
            throw new InvalidJobException(
                    "", "has absent, but every record has its " + meta.name() + "; remove absent");
        }
    }

    /** The group of a path, with the path's own name. */
    public static GroupField of(String path) {
        return new GroupField(new FieldRef.Path(path), null, null);
    }

    /** Its name in rows and key templates. */
    public String name() {
        return as != null ? as : String.valueOf(from.name());
    }

    /** Where its value comes from, as a text; see {@link FieldRef#text}. */
    public String field() {
        return from.text();
    }
}
