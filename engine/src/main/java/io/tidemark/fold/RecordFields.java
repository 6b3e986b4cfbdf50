package io.tidemark.fold;

import io.tidemark.job.FieldRef;
import io.tidemark.job.GroupField;
import io.tidemark.job.InputSpec;
import io.tidemark.job.JobSpec;
import io.tidemark.json.FieldPath;
import io.tidemark.json.FieldScanner;
import io.tidemark.json.FieldValues;
import io.tidemark.json.MalformedRecordException;
import io.tidemark.json.MalformedRecordException.Reason;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Finds all fields of a record that a job reads: in its value, its key and its headers, and its place. Each gets a number
 * among the {@link FieldValues}; who works with fields sees no difference. A group with a value for absent fields has a
 * field of its own.
 *
 * <p>Only for a job that needs more than paths into the value ({@link #areNeeded}): {@link RecordFolder} has fewer steps.
 * Not safe for use by several threads.
 */
final class RecordFields {
    private static final int LONGEST_WHOLE = 20;

    private final FieldScanner valueScanner;
    private final FieldValues values;
    /** The texts of all references, by the numbers of their fields. */
    private final List<String> fields;

    private final InputSpec.Key keyForm;
    /** The field that is the whole key, or -1. */
    private final int key;

    private final int[] keyFields;
    private final @Nullable FieldScanner keyScanner;
    private final FieldValues keyValues;

    private final int[] headerFields;
    private final Headers headers;

    // Fields that are numbers of Kafka, or -1.
    private final int partition;
    private final int offset;
    private final int timestamp;
    private final byte[][] digits;

    /** For each group its field, which is its own if it has a value for absent fields. */
    private final int[] groupFields;
    /** For each group the field of its source. */
    private final int[] groupSources;
    /** For each group where its value for absent fields is, or -1. */
    private final int[] groupLiterals;

    private final FieldValues literals;

    /** Whether a job reads more of a record than its value, or has a group with a value for absent fields. */
    static boolean areNeeded(JobSpec job) {
        return job.groupBy().stream().anyMatch(each -> each.absent() != null)
                || job.fields().stream().anyMatch(each -> !(FieldRef.of(each) instanceof FieldRef.Path));
    }

    RecordFields(JobSpec job) {
        List<String> paths = new ArrayList<>();
        List<String> others = new ArrayList<>();
        for (String each : job.fields()) {
            (FieldRef.of(each) instanceof FieldRef.Path ? paths : others).add(each);
        }
        fields = new ArrayList<>(paths);
        fields.addAll(others);
        List<FieldPath> ofValue = paths.stream().map(FieldPath::parse).toList();
        valueScanner = new FieldScanner(ofValue, job.input().check());

        keyForm = job.input().key();
        key = fields.indexOf(new FieldRef.Key().text());
        keyFields = numbers(FieldRef.KeyField.class);
        List<FieldPath> ofKey = IntStream.of(keyFields)
                .mapToObj(each -> FieldPath.parse(((FieldRef.KeyField) FieldRef.of(fields.get(each))).path()))
                .toList();
        keyScanner = keyForm == InputSpec.Key.JSON
                ? new FieldScanner(ofKey, job.input().check())
                : null;
        keyValues = new FieldValues(ofKey);

        headerFields = numbers(FieldRef.Header.class);
        headers = new Headers(IntStream.of(headerFields)
                .mapToObj(each -> ((FieldRef.Header) FieldRef.of(fields.get(each))).header())
                .toList());

        partition = fields.indexOf(new FieldRef.Meta(FieldRef.Meta.Kind.PARTITION).text());
        offset = fields.indexOf(new FieldRef.Meta(FieldRef.Meta.Kind.OFFSET).text());
        timestamp = fields.indexOf(new FieldRef.Meta(FieldRef.Meta.Kind.TIMESTAMP).text());
        digits = new byte[fields.size()][LONGEST_WHOLE];

        List<GroupField> groups = job.groupBy();
        groupSources =
                groups.stream().mapToInt(each -> fields.indexOf(each.field())).toArray();
        groupFields = groupSources.clone();
        groupLiterals = new int[groupFields.length];
        StringBuilder json = new StringBuilder("{");
        List<FieldPath> ofLiterals = new ArrayList<>();
        for (int i = 0; i < groupFields.length; i++) {
            groupLiterals[i] = -1;
            if (groups.get(i).absent() != null) {
                groupLiterals[i] = ofLiterals.size();
                json.append(ofLiterals.isEmpty() ? "" : ",")
                        .append("\"" + i + "\":" + groups.get(i).absent());
                ofLiterals.add(FieldPath.parse(String.valueOf(i)));
                groupFields[i] = fields.size() + groupLiterals[i];
                others.add(groups.get(i).field());
            }
        }
        literals = literals(json.append('}').toString(), ofLiterals);
        values = new FieldValues(ofValue, others);
    }

    private int[] numbers(Class<? extends FieldRef> kind) {
        return IntStream.range(0, fields.size())
                .filter(each -> kind.isInstance(FieldRef.of(fields.get(each))))
                .toArray();
    }

    private static FieldValues literals(String json, List<FieldPath> fields) {
        FieldValues literals = new FieldValues(fields);
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        try {
            new FieldScanner(fields).scan(bytes, 0, bytes.length, literals);
        } catch (MalformedRecordException e) {
            throw new IllegalStateException("the values for absent fields are JSON", e);
        }
        return literals;
    }

    /** The number of a field among the values. */
    int number(String field) {
        return fields.indexOf(field);
    }

    /** The numbers of the groups among the values. */
    int[] groups() {
        return groupFields.clone();
    }

    /** The scanner of the value. */
    FieldScanner scanner() {
        return valueScanner;
    }

    /** The values of the record that was read last. */
    FieldValues values() {
        return values;
    }

    /**
     * Finds the fields of a record; valid until its bytes change.
     *
     * @throws MalformedRecordException if the value is not JSON, the key has another form than the job says, or a text is not
     *     UTF-8
     */
    FieldValues read(InputRecord record) throws MalformedRecordException {
        valueScanner.scan(record.bytes(), record.value(), record.valueLength(), values);
        if (key >= 0) {
            readKey(record);
        }
        if (keyScanner != null) {
            scanKey(keyScanner, record);
        }
        if (headerFields.length > 0) {
            headers.find(record);
            for (int i = 0; i < headerFields.length; i++) {
                readHeader(headerFields[i], i, record);
            }
        }
        set(partition, record.partition());
        set(offset, record.offset());
        set(timestamp, record.timestamp());
        if (timestamp >= 0 && record.timestamp() < 0) {
            values.setMissing(timestamp);
        }
        for (int i = 0; i < groupLiterals.length; i++) {
            if (groupLiterals[i] >= 0) {
                boolean absent = values.isAbsent(groupSources[i]);
                values.copy(groupFields[i], absent ? literals : values, absent ? groupLiterals[i] : groupSources[i]);
            }
        }
        return values;
    }

    private void set(int field, long number) {
        if (field >= 0) {
            values.setWhole(field, number, digits[field]);
        }
    }

    private void readKey(InputRecord record) throws MalformedRecordException {
        int length = record.keyLength();
        if (length == InputRecord.NULL) {
            values.setMissing(key);
        } else if (keyForm == InputSpec.Key.STRING) {
            values.setText(key, record.bytes(), record.key(), record.key() + length);
        } else if (length == Long.BYTES) {
            long number = 0;
            for (int i = 0; i < Long.BYTES; i++) {
                number = number << Byte.SIZE | record.bytes()[record.key() + i] & 0xFF;
            }
            values.setWhole(key, number, digits[key]);
        } else {
            throw new MalformedRecordException(
                    Reason.WRONG_TYPE,
                    fields.get(key),
                    "has " + length + " bytes, and input.key: long needs " + Long.BYTES);
        }
    }

    private void scanKey(FieldScanner scanner, InputRecord record) throws MalformedRecordException {
        if (record.keyLength() == InputRecord.NULL) {
            for (int each : keyFields) {
                values.setMissing(each);
            }
            return;
        }
        try {
            scanner.scan(record.bytes(), record.key(), record.keyLength(), keyValues);
        } catch (MalformedRecordException e) {
            throw new MalformedRecordException(
                    e.reason(), new FieldRef.Key().text(), "cannot be read: " + e.getMessage());
        }
        for (int i = 0; i < keyFields.length; i++) {
            values.copy(keyFields[i], keyValues, i);
        }
    }

    private void readHeader(int field, int header, InputRecord record) throws MalformedRecordException {
        int start = headers.start(header);
        if (start == Headers.MISSING) {
            values.setMissing(field);
        } else if (headers.length(header) == InputRecord.NULL) {
            values.setNull(field);
        } else {
            values.setText(field, record.headerBytes(), start, start + headers.length(header));
        }
    }
}
