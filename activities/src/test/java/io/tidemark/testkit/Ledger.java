package io.tidemark.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVPrinter;
import org.apache.commons.csv.CSVRecord;
import org.jspecify.annotations.Nullable;

/**
 * The trials of one row of the table in docs/reliability.md: a CSV file that all rows share and that {@code -Pfaults}
 * writes. Without that profile there is none.
 */
final class Ledger {
    private static final CSVFormat FORMAT = CSVFormat.DEFAULT
            .builder()
            .setHeader("row", "seed", "outcome", "seconds", "at", "did")
            .setSkipHeaderRecord(true)
            .get();

    private final String row;
    private final @Nullable Path file;

    private Ledger(String row, @Nullable Path file) {
        this.row = row;
        this.file = file;
    }

    static Ledger of(String row) {
        return new Ledger(
                row, Boolean.getBoolean("tidemark.faults") ? Path.of(System.getProperty("tidemark.ledger")) : null);
    }

    /** Returns true if there is a ledger. */
    boolean kept() {
        return file != null;
    }

    /** Returns the seeds that were tried; if a run was interrupted, some may be missing. */
    Set<Long> tried() {
        Set<Long> tried = new HashSet<>();
        if (file == null || !Files.exists(file)) {
            return tried;
        }
        try (CSVParser rows = CSVParser.parse(file, StandardCharsets.UTF_8, FORMAT)) {
            for (CSVRecord each : rows) {
                if (each.get("row").equals(row)) {
                    tried.add(Long.valueOf(each.get("seed")));
                }
            }
            return tried;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The outcome of a trial. */
    enum Outcome {
        PASSED,
        FAILED,
        /** The trial is inconclusive, for a reason outside the product. */
        ABORTED
    }

    /** Records a trial, if there is a ledger. */
    synchronized void note(long seed, Outcome outcome, Duration took, String did) {
        if (file == null) {
            return;
        }
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            boolean begun = Files.exists(file);
            try (var out = Files.newBufferedWriter(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
                    CSVPrinter printer = begun
                            ? CSVFormat.DEFAULT.print(out)
                            : CSVFormat.DEFAULT
                                    .builder()
                                    .setHeader(FORMAT.getHeader())
                                    .get()
                                    .print(out)) {
                printer.printRecord(
                        row,
                        seed,
                        outcome.name().toLowerCase(Locale.ROOT),
                        took.toMillis() / 1_000.0,
                        Instant.now(),
                        did);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String toString() {
        return file == null ? "of every build" : file.toString();
    }
}
