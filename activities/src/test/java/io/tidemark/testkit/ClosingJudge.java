package io.tidemark.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tidemark.job.Scope;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.assertj.core.data.Percentage;
import org.jspecify.annotations.Nullable;

/**
 * Judges a job of {@link Rig#voltage} with {@code close}, from Kafka's data alone and without code of the product.
 *
 * <p>Two things are not the job's to decide, so they are taken from its state: where each batch ended, and what it closed.
 * Everything else follows from them and from the input: which records are late, each row of each batch with its headers,
 * and which windows still have totals. That the state was allowed to close a window follows from what the input had when
 * the runs were planned ({@link #mayClose}).
 */
public final class ClosingJudge {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Rig rig;
    private final Duration after;
    private final int span;
    private final boolean finalOnly;
    private final boolean byEventTime;
    private final List<Permit> permits = new CopyOnWriteArrayList<>();

    /**
     * What a run may close.
     *
     * @param before windows that end by its time
     * @param covers by partition, the offset up to which a batch must have come
     */
    private record Permit(LocalDate before, Map<Integer, Long> covers) {}

    /** A committed progress record. */
    record Progress(long through, LocalDate closedBefore) {}

    /** A row as a reader sees it. */
    record Row(String key, JsonNode value, boolean isFinal, long through) {}

    /** Judges the job of {@code rig}, which closes windows of {@code span} days {@code after} their end. */
    public ClosingJudge(Rig rig, Duration after, int span, boolean finalOnly, boolean byEventTime) {
        this.rig = rig;
        this.after = after;
        this.span = span;
        this.finalOnly = finalOnly;
        this.byEventTime = byEventTime;
    }

    /**
     * Notes, before a run is planned, that it may close windows by this nominal time.
     *
     * @param covers by partition, the first offset whose timestamp is that time or later, else the end of the log
     */
    public void mayClose(Instant nominal, Map<Integer, Long> covers) {
        permits.add(new Permit(firstOpen(nominal), covers));
    }

    private LocalDate firstOpen(Instant nominal) {
        return LocalDate.ofInstant(nominal.minus(after), ZoneOffset.UTC);
    }

    /** Returns the first day that is open by the event times of the records before an offset. */
    private LocalDate firstOpenByEvents(List<Truth.Counted> records, long end) {
        return records.stream()
                .filter(each -> each.offset() < end)
                .map(Truth.Counted::time)
                .max(Comparator.naturalOrder())
                .map(greatest -> greatest.minus(after).toLocalDate())
                .orElse(LocalDate.MIN);
    }

    /** Checks everything, after a last run that had this nominal time and has read the whole input. */
    public void hold(Instant lastNominal) {
        Guarantees.offsetsAreThoseOfTheState(rig);
        Guarantees.noTransactionIsOpenIn(rig, rig.output());
        Truth truth = Truth.of(rig.clientSettings(), rig.input(), rig.groupOffsets(), Truth.Judge.NONE);
        Map<Integer, List<Progress>> history = history();
        Map<Integer, Deque<Row>> rows = rows();
        if (rig.job().scope() == Scope.TOPIC) {
            holdOverAllPartitions(lastNominal, truth, history, rows);
            return;
        }
        Set<String> late = new TreeSet<>();
        history.forEach((partition, states) -> {
            Deque<Row> written = rows.getOrDefault(partition, new ArrayDeque<>());
            Map<LocalDate, Truth.Totals> open = replay(partition, truth, states, written, late);
            assertThat(written)
                    .as("rows of partition %s that no batch wrote", partition)
                    .isEmpty();
            LocalDate firstOpen =
                    byEventTime ? firstOpenByEvents(truth.good(partition), Long.MAX_VALUE) : firstOpen(lastNominal);
            assertThat(open.keySet())
                    .as("days of partition %s that have totals after the run of %s", partition, lastNominal)
                    .allSatisfy(day -> assertThat(day.plusDays(span - 1)).isAfterOrEqualTo(firstOpen));
        });
        assertThat(lateLetters()).as("late records among the dead letters").isEqualTo(late);
    }

    /**
     * Checks a job with rows over all partitions. Which records are late follows from the batches of the stage of records; the
     * rows must then have all others.
     */
    private void holdOverAllPartitions(
            Instant lastNominal, Truth truth, Map<Integer, List<Progress>> history, Map<Integer, Deque<Row>> rows) {
        Set<String> late = new TreeSet<>();
        Map<LocalDate, Truth.Totals> days = new TreeMap<>();
        history.forEach((partition, states) -> {
            Progress before = states.get(0);
            for (Progress now : states.subList(1, states.size())) {
                String batch = "batch of partition " + partition + " from " + before + " to " + now;
                requirePermit(partition, batch, before, now);
                requireEvents(batch, truth.good(partition), before, now);
                for (Truth.Counted each : truth.good(partition)) {
                    if (each.offset() >= before.through() && each.offset() < now.through()) {
                        if (each.day().isBefore(before.closedBefore())) {
                            late.add(partition + "/" + each.offset());
                        } else {
                            days.merge(each.day(), Truth.Totals.NONE.plus(each.voltage()), ClosingJudge::sum);
                        }
                    }
                }
                before = now;
            }
        });
        assertThat(lateLetters()).as("late records among the dead letters").isEqualTo(late);
        LocalDate firstOpen = byEventTime ? firstOpenOverAll(truth, history) : firstOpen(lastNominal);
        Map<String, Truth.Totals> closed = new TreeMap<>();
        Map<String, Truth.Totals> open = new TreeMap<>();
        days.keySet().stream()
                .flatMap(day -> windowsOf(day).stream())
                .distinct()
                .forEach(last -> (last.isBefore(firstOpen) ? closed : open).put(name(last), totals(days, last)));
        ScopeJudge.rowsAre(rig, rows, closed, finalOnly ? Map.of() : open, finalOnly, span > 1);
        TopicScope.totals(rig)
                .forEach((partition, each) -> each.chunks()
                        .forEach(chunk -> assertThat(day(chunk.window()))
                                .as("days that output partition %s has totals of", partition)
                                .isAfterOrEqualTo(firstOpen.minusDays(span - 1))));
    }

    /**
     * Returns the first day that is open by the event times of all partitions, or by what all of them have announced: a
     * partition that had no records yet did not hold the others back, and may have had older ones since then.
     */
    private LocalDate firstOpenOverAll(Truth truth, Map<Integer, List<Progress>> history) {
        LocalDate due = history.keySet().stream()
                .filter(each -> !truth.good(each).isEmpty())
                .map(each -> firstOpenByEvents(truth.good(each), Long.MAX_VALUE))
                .min(Comparator.naturalOrder())
                .orElse(LocalDate.MIN);
        LocalDate announced = history.values().stream()
                .map(each -> each.get(each.size() - 1).closedBefore())
                .min(Comparator.naturalOrder())
                .orElse(LocalDate.MIN);
        return due.isAfter(announced) ? due : announced;
    }

    /** Requires that a batch which closes windows by event time has read such times in its partition, or no record at all. */
    private void requireEvents(String batch, List<Truth.Counted> records, Progress before, Progress now) {
        if (byEventTime && now.closedBefore().isAfter(before.closedBefore())) {
            LocalDate firstOpen = firstOpenByEvents(records, now.through());
            assertThat(firstOpen.equals(LocalDate.MIN) || !firstOpen.isBefore(now.closedBefore()))
                    .as("the event times before its end are those of open windows after %s, %s", firstOpen, batch)
                    .isTrue();
        }
    }

    /** Replays the batches of a partition, and returns the totals of the days of windows that are open at the end. */
    private Map<LocalDate, Truth.Totals> replay(
            int partition, Truth truth, List<Progress> states, Deque<Row> written, Set<String> late) {
        Map<LocalDate, Truth.Totals> open = new TreeMap<>();
        Progress before = states.get(0);
        for (Progress now : states.subList(1, states.size())) {
            String batch = "batch of partition " + partition + " from " + before + " to " + now;
            assertThat(now.through()).as(batch).isGreaterThanOrEqualTo(before.through());
            assertThat(now.closedBefore()).as(batch).isAfterOrEqualTo(before.closedBefore());
            if (now.closedBefore().isAfter(before.closedBefore()) && byEventTime) {
                assertThat(now.closedBefore())
                        .as(batch)
                        .isBeforeOrEqualTo(firstOpenByEvents(truth.good(partition), now.through()));
            }
            requirePermit(partition, batch, before, now);
            Set<LocalDate> touched = new TreeSet<>();
            for (Truth.Counted each : truth.good(partition)) {
                if (each.offset() >= before.through() && each.offset() < now.through()) {
                    if (each.day().isBefore(before.closedBefore())) {
                        late.add(partition + "/" + each.offset());
                    } else {
                        touched.addAll(windowsOf(each.day()));
                        open.merge(each.day(), Truth.Totals.NONE.plus(each.voltage()), ClosingJudge::sum);
                    }
                }
            }
            Set<LocalDate> closed = new TreeSet<>();
            for (LocalDate day : open.keySet()) {
                for (LocalDate last : windowsOf(day)) {
                    if (!last.isBefore(before.closedBefore()) && last.isBefore(now.closedBefore())) {
                        closed.add(last);
                    }
                }
            }
            for (LocalDate last : finalOnly ? closed : touched) {
                expect(batch, written, name(last), totals(open, last), closed.contains(last), now.through());
            }
            open.keySet().removeIf(day -> day.plusDays(span - 1).isBefore(now.closedBefore()));
            before = now;
        }
        return open;
    }

    /** Requires that a batch which closes windows by the time of a run has read all that the run must read before. */
    private void requirePermit(int partition, String batch, Progress before, Progress now) {
        if (!byEventTime && now.closedBefore().isAfter(before.closedBefore())) {
            assertThat(permits)
                    .as("runs that may close what the %s closed", batch)
                    .anyMatch(each -> !each.before().isBefore(now.closedBefore())
                            && each.covers().getOrDefault(partition, 0L) <= now.through());
        }
    }

    /** Returns the windows that contain a day, by their last days. */
    private List<LocalDate> windowsOf(LocalDate day) {
        return day.datesUntil(day.plusDays(span)).toList();
    }

    private String name(LocalDate last) {
        return span == 1 ? last.toString() : last.minusDays(span - 1) + "T00:00:00Z/" + last.plusDays(1) + "T00:00:00Z";
    }

    private Truth.Totals totals(Map<LocalDate, Truth.Totals> days, LocalDate last) {
        Truth.Totals totals = Truth.Totals.NONE;
        for (LocalDate day = last.minusDays(span - 1); !day.isAfter(last); day = day.plusDays(1)) {
            totals = sum(totals, days.getOrDefault(day, Truth.Totals.NONE));
        }
        return totals;
    }

    /** The next rows are those of this batch, in the order of their windows. */
    private static void expect(
            String batch, Deque<Row> written, String day, Truth.Totals totals, boolean isFinal, long through) {
        Row row = written.poll();
        assertThat(row).as("row of %s that the %s wrote", day, batch).isNotNull();
        assertThat(row.key()).as(batch).isEqualTo(day);
        assertThat(row.value().get("count").longValue())
                .as("count of %s, %s", row, batch)
                .isEqualTo(totals.count());
        assertThat(row.value().get("voltage").doubleValue())
                .as("mean of %s, %s", row, batch)
                .isCloseTo(
                        totals.sum()
                                .divide(BigDecimal.valueOf(totals.count()), MathContext.DECIMAL64)
                                .doubleValue(),
                        Percentage.withPercentage(1e-7));
        assertThat(row.isFinal()).as("%s is final, %s", row, batch).isEqualTo(isFinal);
        assertThat(row.through()).as("what %s contains, %s", row, batch).isEqualTo(through);
    }

    private static Truth.Totals sum(Truth.Totals one, Truth.Totals other) {
        return new Truth.Totals(one.count() + other.count(), one.sum().add(other.sum()));
    }

    private Map<Integer, List<Progress>> history() {
        Map<Integer, List<Progress>> history = new TreeMap<>();
        for (ConsumerRecord<byte[], byte[]> each : rig.readAll(rig.stateTopic())) {
            if (new String(each.key(), StandardCharsets.UTF_8).equals("progress")) {
                JsonNode json = parse(each.value());
                JsonNode closed = json.get("closedBefore");
                history.computeIfAbsent(each.partition(), unused -> new ArrayList<>())
                        .add(new Progress(
                                json.get("through").longValue(),
                                closed == null ? LocalDate.MIN : day(closed.longValue())));
            }
        }
        return history;
    }

    private static LocalDate day(long millis) {
        Instant start = Instant.ofEpochMilli(millis);
        LocalDate day = LocalDate.ofInstant(start, ZoneOffset.UTC);
        assertThat(day.atStartOfDay().toInstant(ZoneOffset.UTC))
                .as("closedBefore is the start of a window")
                .isEqualTo(start);
        return day;
    }

    private Map<Integer, Deque<Row>> rows() {
        Map<Integer, Deque<Row>> rows = new TreeMap<>();
        for (ConsumerRecord<byte[], byte[]> each : rig.readAll(rig.output())) {
            String isFinal = header(each, "tidemark.final");
            rows.computeIfAbsent(each.partition(), unused -> new ArrayDeque<>())
                    .add(new Row(
                            new String(each.key(), StandardCharsets.UTF_8),
                            parse(each.value()),
                            isFinal != null && isFinal.equals("true"),
                            Long.parseLong(String.valueOf(header(each, "tidemark.through")))));
        }
        return rows;
    }

    private Set<String> lateLetters() {
        Set<String> late = new TreeSet<>();
        for (ConsumerRecord<byte[], byte[]> each : rig.readAll(rig.output() + ".dead-letter")) {
            if ("LATE".equals(header(each, "tidemark.reason"))) {
                String where = header(each, "tidemark.partition") + "/" + header(each, "tidemark.offset");
                assertThat(late.add(where)).as("one dead letter for %s", where).isTrue();
            }
        }
        return late;
    }

    private static @Nullable String header(ConsumerRecord<?, ?> record, String name) {
        var header = record.headers().lastHeader(name);
        return header == null ? null : new String(header.value(), StandardCharsets.UTF_8);
    }

    private static JsonNode parse(byte[] json) {
        try {
            return JSON.readTree(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
