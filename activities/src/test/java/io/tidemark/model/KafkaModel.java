package io.tidemark.model;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The part of Kafka that the protocol relies on: logs of partitions, and the coordinator's state of each transactional id.
 * Immutable.
 *
 * <p>It assumes that a producer of an older epoch can append nothing after the marker that ended its transaction
 * (<a href="https://cwiki.apache.org/confluence/x/Uxb2DQ">KIP-890</a>), that acknowledged records are not lost, and that
 * each attempt has a producer of its own. A commit is decided first; then its markers are written, log by log, in any
 * order and with any delay.
 */
record KafkaModel(List<List<Entry>> logs, List<Id> ids) {
    /** What a log contains. A marker takes an offset, as in Kafka. */
    sealed interface Entry {
        int id();

        int epoch();
    }

    /**
     * A record: a row, a progress record with the range that it adds, or a partial. Four bits of {@code counts} for each input
     * record.
     */
    record Data(int id, int epoch, int from, int to, int counts) implements Entry {}

    record Marker(int id, int epoch, boolean commit) implements Entry {}

    enum Phase {
        EMPTY,
        ONGOING,
        COMMITTING,
        ABORTING
    }

    /**
     * What the coordinator knows of a transactional id.
     *
     * @param touched logs of the transaction, as bits
     * @param pending logs that still wait for the marker
     * @param ending epoch of the transaction that is ending
     */
    record Id(int epoch, Phase phase, int touched, int pending, int ending) {}

    /** The answer to a request for an epoch: 0 means that an open transaction is aborted first, and to ask again. */
    record Fenced(KafkaModel kafka, int epoch) {}

    static KafkaModel empty(int logs, int ids) {
        return new KafkaModel(
                Collections.nCopies(logs, List.of()), Collections.nCopies(ids, new Id(0, Phase.EMPTY, 0, 0, 0)));
    }

    /** {@code InitProducerId}; null while a transaction of the id is ending. */
    @Nullable
    Fenced fence(int id) {
        Id now = ids.get(id);
        return switch (now.phase) {
            case COMMITTING, ABORTING -> null;
            case ONGOING -> new Fenced(abort(id), 0);
            case EMPTY -> new Fenced(with(id, new Id(now.epoch + 1, Phase.EMPTY, 0, 0, 0)), now.epoch + 1);
        };
    }

    /** The coordinator aborts the open transaction of an id, as a fence and {@code transaction.timeout.ms} make it do. */
    KafkaModel abort(int id) {
        Id now = ids.get(id);
        return with(id, new Id(now.epoch + 1, Phase.ABORTING, now.touched, now.touched, now.epoch));
    }

    /**
     * Null if the producer is fenced. A leader accepts records of a transaction that is open in its log even if the
     * coordinator has already decided to abort it. For other records it asks the coordinator.
     */
    @Nullable
    KafkaModel append(int log, Data data) {
        Id now = ids.get(data.id);
        KafkaModel next = this;
        if (now.epoch == data.epoch && (now.phase == Phase.EMPTY || now.phase == Phase.ONGOING)) {
            next = with(data.id, new Id(now.epoch, Phase.ONGOING, now.touched | 1 << log, 0, 0));
        } else if (now.phase != Phase.ABORTING || !isOpenIn(logs.get(log), data.id, data.epoch)) {
            return null;
        }
        return next.with(log, data);
    }

    /** Null if the producer is fenced, or has no transaction. */
    @Nullable
    KafkaModel end(int id, int epoch, boolean commit) {
        Id now = ids.get(id);
        if (now.epoch != epoch || now.phase != Phase.ONGOING) {
            return null;
        }
        return with(id, new Id(epoch, commit ? Phase.COMMITTING : Phase.ABORTING, now.touched, now.touched, epoch));
    }

    /** The coordinator writes the marker of an id's ending transaction to a log that waits for it. */
    KafkaModel mark(int id, int log) {
        Id now = ids.get(id);
        int left = now.pending & ~(1 << log);
        KafkaModel next = with(log, new Marker(id, now.ending, now.phase == Phase.COMMITTING));
        return next.with(
                id,
                left == 0
                        ? new Id(now.epoch, Phase.EMPTY, 0, 0, 0)
                        : new Id(now.epoch, now.phase, now.touched, left, now.ending));
    }

    boolean waitsForMarker(int id, int log) {
        return (ids.get(id).pending & 1 << log) != 0;
    }

    boolean hasOpenTransaction(int id) {
        return ids.get(id).phase == Phase.ONGOING;
    }

    /** Whether a {@code read_committed} reader of the first {@code end} entries of a log sees them all. */
    boolean isStable(int log, int end) {
        List<Entry> entries = logs.get(log).subList(0, end);
        for (Entry entry : entries) {
            if (entry instanceof Data && isOpenIn(entries, entry.id(), entry.epoch())) {
                return false;
            }
        }
        return true;
    }

    /** What a {@code read_committed} reader sees in the first {@code end} entries of a log. */
    List<Data> committed(int log, int end) {
        List<Data> found = new ArrayList<>();
        List<Entry> entries = logs.get(log).subList(0, end);
        for (Entry entry : entries) {
            if (entry instanceof Data data && entries.contains(new Marker(data.id, data.epoch, true))) {
                found.add(data);
            }
        }
        return found;
    }

    /** The offset of the first record of an open transaction, or the end of the log: Kafka's last stable offset. */
    int lastStable(int log) {
        List<Entry> entries = logs.get(log);
        for (int offset = 0; offset < entries.size(); offset++) {
            Entry entry = entries.get(offset);
            if (entry instanceof Data && isOpenIn(entries, entry.id(), entry.epoch())) {
                return offset;
            }
        }
        return entries.size();
    }

    /** The records from {@code from} to {@code to}, below the last stable offset, that a {@code read_committed} reader gets. */
    List<Data> committed(int log, int from, int to) {
        return written(log, from, to).stream()
                .filter(each -> logs.get(log).contains(new Marker(each.id, each.epoch, true)))
                .toList();
    }

    /** The records from {@code from} to {@code to}, whatever becomes of their transactions. */
    List<Data> written(int log, int from, int to) {
        return logs.get(log).subList(from, to).stream()
                .filter(Data.class::isInstance)
                .map(Data.class::cast)
                .toList();
    }

    /** The offset behind the last record of a producer in a log, or 0. */
    int endOf(int log, int id, int epoch) {
        List<Entry> entries = logs.get(log);
        for (int offset = entries.size() - 1; offset >= 0; offset--) {
            if (entries.get(offset) instanceof Data data && data.id == id && data.epoch == epoch) {
                return offset + 1;
            }
        }
        return 0;
    }

    /** What is committed in a log, whether its markers are written or not, in the order of offsets. */
    List<Data> decided(int log) {
        List<Data> found = new ArrayList<>();
        for (Entry entry : logs.get(log)) {
            if (entry instanceof Data data && isDecided(data.id, data.epoch)) {
                found.add(data);
            }
        }
        return found;
    }

    private boolean isDecided(int id, int epoch) {
        Id now = ids.get(id);
        Marker commit = new Marker(id, epoch, true);
        return now.phase == Phase.COMMITTING && now.ending == epoch
                || logs.stream().anyMatch(log -> log.contains(commit));
    }

    /** Whether the last entry of this epoch is a record, that is, its transaction has no marker yet. */
    private static boolean isOpenIn(List<Entry> log, int id, int epoch) {
        for (int i = log.size() - 1; i >= 0; i--) {
            Entry entry = log.get(i);
            if (entry.id() == id && entry.epoch() == epoch) {
                return entry instanceof Data;
            }
        }
        return false;
    }

    private KafkaModel with(int id, Id now) {
        return new KafkaModel(logs, replaced(ids, id, now));
    }

    private KafkaModel with(int log, Entry last) {
        List<Entry> longer = new ArrayList<>(logs.get(log));
        longer.add(last);
        return new KafkaModel(replaced(logs, log, List.copyOf(longer)), ids);
    }

    private static <T> List<T> replaced(List<T> all, int index, T by) {
        List<T> copy = new ArrayList<>(all);
        copy.set(index, by);
        return List.copyOf(copy);
    }
}
