package io.tidemark.testkit;

import io.tidemark.embedded.Producers;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Properties;
import java.util.Random;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Writes to a rig's input as other producers do: unordered readings of some days, some bad records, and some
 * transactions, which commit, abort, or stay open until the next call.
 */
public final class InputWriter implements AutoCloseable {
    private static final int DAYS = 4;
    private static final int MAX_RECORDS = 12;

    private final Rig rig;
    private final Random random;
    private final int partitions;
    private final Supplier<@Nullable Long> clock;
    /**
     * The producer of the open transaction. Each transaction has its own, because the shared broker forgets ids that
     * are idle for ten seconds.
     */
    private @Nullable KafkaProducer<byte[], byte[]> open;

    public InputWriter(Rig rig, Random random) {
        this(rig, random, () -> null);
    }

    /** The same, with timestamps from {@code clock} in milliseconds since the epoch; null for now. */
    public InputWriter(Rig rig, Random random, Supplier<@Nullable Long> clock) {
        this.clock = clock;
        this.rig = rig;
        this.random = random;
        this.partitions = rig.partitionCount(rig.input());
    }

    /** Writes some records and returns a description. */
    public String write() {
        if (open != null) {
            return endTransaction();
        }
        int records = 1 + random.nextInt(MAX_RECORDS);
        if (random.nextInt(3) > 0) {
            for (int i = 0; i < records; i++) {
                rig.sendRaw(random.nextInt(partitions), clock.get(), value());
            }
            rig.flush();
            return records + " records";
        }
        KafkaProducer<byte[], byte[]> producer = newProducer();
        open = producer;
        producer.initTransactions();
        producer.beginTransaction();
        for (int i = 0; i < records; i++) {
            producer.send(new ProducerRecord<>(rig.input(), random.nextInt(partitions), clock.get(), null, value()));
        }
        producer.flush();
        String what = records + " records in a transaction";
        return random.nextInt(3) == 0 ? what + ", open" : what + ", " + endTransaction();
    }

    /** Ends the open transaction, and returns when a run can see all records. */
    public void finish() {
        endTransaction();
        Guarantees.noTransactionIsOpenIn(rig, rig.input());
    }

    private String endTransaction() {
        KafkaProducer<byte[], byte[]> producer = open;
        if (producer == null) {
            return "nothing open";
        }
        boolean aborted = random.nextInt(3) == 0;
        if (aborted) {
            producer.abortTransaction();
        } else {
            producer.commitTransaction();
        }
        close();
        return aborted ? "aborted" : "committed";
    }

    private KafkaProducer<byte[], byte[]> newProducer() {
        Properties settings = rig.writerSettings();
        settings.put("transactional.id", "writer-of-" + rig.input());
        settings.put("retry.backoff.ms", "5");
        return Producers.ofBytes(settings);
    }

    private byte @Nullable [] value() {
        String good = new Reading(
                        String.format(
                                Locale.ROOT,
                                "%02d/12/2006 %02d:%02d:00",
                                23 + random.nextInt(DAYS),
                                random.nextInt(24),
                                random.nextInt(60)),
                        BigDecimal.valueOf(22_000 + random.nextInt(4_000), 2))
                .json();
        String text = switch (random.nextInt(40)) {
            case 0 -> good.substring(0, good.length() / 2);
            case 1 -> good.replace("voltage", "tension");
            case 2 -> good.replaceFirst("\\d\\d/12", "31/02");
            case 3 -> null;
            default -> good;
        };
        return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        if (open != null) {
            open.close();
            open = null;
        }
    }
}
