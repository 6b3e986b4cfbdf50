package io.tidemark.step;

import io.tidemark.aggregate.Memory;
import io.tidemark.csv.DeadLetter;
import io.tidemark.csv.DeadLetterCsv;
import io.tidemark.fold.InputRecord;
import io.tidemark.run.StagedFile;
import io.tidemark.stage.StagingArea;
import java.io.IOException;
import java.util.Arrays;
import org.apache.commons.csv.CSVPrinter;
import org.jspecify.annotations.Nullable;

/** Writes bad records to a staged file; creates it with the first one. */
final class StagedDeadLetters implements AutoCloseable {
    private final StagingArea staging;
    private final String run;
    private final String name;
    private final Memory memory;
    private StagingArea.@Nullable Draft draft;
    private @Nullable CSVPrinter printer;
    private long rows;

    StagedDeadLetters(StagingArea staging, String run, String name, Memory memory) {
        this.staging = staging;
        this.memory = memory;
        this.run = run;
        this.name = name;
    }

    /** Adds a record, and why it is not counted. */
    void add(InputRecord record, String reason, String text) {
        // A copy, its Base64 as bytes and as text, and the line of the file while it grows.
        long copies = 6L * record.size();
        memory.take(copies);
        add(new DeadLetter(
                record.partition(),
                record.offset(),
                record.timestamp(),
                reason,
                text,
                copy(record.bytes(), record.key(), record.keyLength()),
                copy(record.bytes(), record.value(), record.valueLength())));
        memory.giveBack(copies);
    }

    private static byte @Nullable [] copy(byte[] buf, int from, int length) {
        return length == InputRecord.NULL ? null : Arrays.copyOfRange(buf, from, from + length);
    }

    private void add(DeadLetter each) {
        try {
            if (printer == null) {
                draft = staging.draft(run, name);
                printer = DeadLetterCsv.printer(draft.out());
            }
            DeadLetterCsv.print(printer, each);
            rows++;
        } catch (IOException e) {
            throw StagingArea.failed("writing", staging.folder(), e);
        }
    }

    @Nullable
    StagedFile finish() {
        return draft == null ? null : draft.finish(rows);
    }

    @Override
    public void close() {
        if (draft != null) {
            draft.close();
        }
    }
}
