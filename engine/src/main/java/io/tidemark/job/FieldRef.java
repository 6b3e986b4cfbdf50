package io.tidemark.job;

import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a field of a job refers to: a path into the record's value, or something else of the Kafka record. In the job and
 * its fingerprint a path is a text and the others are objects; elsewhere all of them are texts ({@link #text}), because no
 * path has braces.
 */
public sealed interface FieldRef {

    /** A path into the record's value, which is JSON. */
    record Path(String path) implements FieldRef {
        @Override
        public String text() {
            return path;
        }

        @Override
        public String name() {
            return FieldPaths.rowName(path);
        }

        @Override
        public <R> R match(Cases<R> cases) {
            return cases.path().apply(this);
        }
    }

    /** The whole key: a text or a whole number. */
    record Key() implements FieldRef {
        @Override
        public String text() {
            return "{key}";
        }

        @Override
        public @Nullable String name() {
            return null;
        }

        @Override
        public <R> R match(Cases<R> cases) {
            return cases.key().apply(this);
        }
    }

    /** A path into the key, which is JSON. */
    record KeyField(String path) implements FieldRef {
        @Override
        public String text() {
            return "{key: " + path + "}";
        }

        @Override
        public String name() {
            return FieldPaths.rowName(path);
        }

        @Override
        public <R> R match(Cases<R> cases) {
            return cases.keyField().apply(this);
        }
    }

    /** The last header with this name, as a text in UTF-8. */
    record Header(String header) implements FieldRef {
        @Override
        public String text() {
            return "{header: " + header + "}";
        }

        @Override
        public @Nullable String name() {
            return header.indexOf('{') < 0 && header.indexOf('}') < 0 ? header : null;
        }

        @Override
        public <R> R match(Cases<R> cases) {
            return cases.header().apply(this);
        }
    }

    /** A number that Kafka gives a record. */
    record Meta(Kind kind) implements FieldRef {
        /** Which number. */
        public enum Kind {
            /** The number of its partition. */
            PARTITION,
            /** Its offset in the partition. */
            OFFSET,
            /** Its timestamp in milliseconds since 1970. */
            TIMESTAMP
        }

        @Override
        public String text() {
            return "{meta: " + name() + "}";
        }

        @Override
        public String name() {
            return kind.name().toLowerCase(Locale.ROOT);
        }

        @Override
        public <R> R match(Cases<R> cases) {
            return cases.meta().apply(this);
        }
    }

    /** The text that stands for this reference alone: a path, or a form in braces such as {@code {header: tenant}}. */
    String text();

    /** The name of a group of this field, unless the job gives another; null if there is none. */
    @Nullable
    String name();

    /** Applies the function of this kind of reference. A new kind is a new parameter, so that no caller can forget it. */
    default <R> R match(
            Function<Path, R> path,
            Function<Key, R> key,
            Function<KeyField, R> keyField,
            Function<Header, R> header,
            Function<Meta, R> meta) {
        return match(new Cases<>(path, key, keyField, header, meta));
    }

    /** Applies the function of this kind. */
    <R> R match(Cases<R> cases);

    /** A function for each kind. */
    record Cases<R>(
            Function<Path, R> path,
            Function<Key, R> key,
            Function<KeyField, R> keyField,
            Function<Header, R> header,
            Function<Meta, R> meta) {}

    /** Reads the form that {@link #text} writes. */
    static FieldRef of(String text) {
        if (!text.startsWith("{")) {
            return new Path(text);
        }
        int colon = text.indexOf(": ");
        if (colon < 0) {
            return new Key();
        }
        String value = text.substring(colon + 2, text.length() - 1);
        return switch (text.substring(1, colon)) {
            case "key" -> new KeyField(value);
            case "header" -> new Header(value);
            default -> new Meta(Meta.Kind.valueOf(value.toUpperCase(Locale.ROOT)));
        };
    }
}
