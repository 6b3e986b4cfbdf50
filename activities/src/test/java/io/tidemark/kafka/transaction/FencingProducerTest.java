package io.tidemark.kafka.transaction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.tidemark.kafka.client.KafkaObserver;
import io.tidemark.kafka.client.KafkaObserver.Ending;
import io.tidemark.run.FailureKind;
import io.tidemark.run.TidemarkException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class FencingProducerTest {
    private static final TransactionTimer TIMER =
            new TransactionTimer(Duration.ofMinutes(1), System::nanoTime, Optional::empty);

    private static FencingProducer begun(MockProducer<byte[], byte[]> kafka) {
        FencingProducer producer = new FencingProducer("tidemark/voltage-daily/1/0", kafka, TIMER);
        producer.fence();
        producer.begin();
        return producer;
    }

    private static MockProducer<byte[], byte[]> kafka(boolean answering) {
        return new MockProducer<>(answering, null, new ByteArraySerializer(), new ByteArraySerializer());
    }

    @Test
    void theEndOfEachTransactionIsTold() {
        List<Ending> told = new ArrayList<>();
        KafkaObserver observer = new KafkaObserver() {
            @Override
            public void transaction(Ending ending) {
                told.add(ending);
            }

            @Override
            public void fetched(long millis) {}
        };
        MockProducer<byte[], byte[]> kafka = kafka(true);
        FencingProducer producer = new FencingProducer("tidemark/voltage-daily/1/0", kafka, TIMER, observer);
        producer.fence();

        producer.transaction(() -> producer.send("means", 0, null, new byte[1], Map.of()));
        assertThat(told).containsExactly(Ending.COMMITTED);

        assertThatThrownBy(() -> producer.transaction(() -> {
                    throw new IllegalStateException("a row cannot be made");
                }))
                .hasMessage("a row cannot be made");
        assertThat(told).containsExactly(Ending.COMMITTED, Ending.ABORTED);

        kafka.commitTransactionException = new KafkaException("no answer");
        assertThatThrownBy(() -> producer.transaction(() -> {})).hasMessageContaining("no answer");
        assertThat(told).containsExactly(Ending.COMMITTED, Ending.ABORTED, Ending.UNKNOWN);

        FencingProducer other = new FencingProducer("tidemark/voltage-daily/1/0", fenced(), TIMER, observer);
        other.fence();
        assertThatThrownBy(() -> other.transaction(() -> {}))
                .extracting(e -> ((TidemarkException) e).kind())
                .isEqualTo(FailureKind.FENCED);
        assertThat(told).endsWith(Ending.FENCED).hasSize(4);
    }

    private static MockProducer<byte[], byte[]> fenced() {
        MockProducer<byte[], byte[]> kafka = kafka(true);
        kafka.commitTransactionException = new ProducerFencedException("a newer attempt");
        return kafka;
    }

    @Test
    void itWaitsForTheBrokerBeforeRecordsAreUnsentForTooLong() {
        MockProducer<byte[], byte[]> kafka = kafka(false);
        byte[] value = new byte[1024 * 1024];
        try (FencingProducer producer = begun(kafka)) {
            int fit = FencingProducer.UNSENT / value.length;
            for (int i = 0; i < fit; i++) {
                producer.send("means", 0, null, value, Map.of());
            }
            assertThat(kafka.flushed()).isFalse();

            producer.send("means", 0, null, value, Map.of());

            assertThat(kafka.completeNext()).as("the last record waits").isTrue();
            assertThat(kafka.completeNext()).as("no other does").isFalse();
            assertThat(producer.flush()).hasSize(fit + 1);
        }
    }

    /** Returns what the transaction threw. */
    private static Throwable failed(MockProducer<byte[], byte[]> kafka, FencingProducer.Sends<Exception> sends) {
        try (FencingProducer producer = new FencingProducer("tidemark/voltage-daily/1/0", kafka, TIMER)) {
            producer.fence();
            return catchThrowable(() -> producer.transaction(() -> {
                producer.send("means", 0, null, new byte[5], Map.of());
                sends.run();
            }));
        }
    }

    static List<Throwable> reasonsToAbort() {
        return List.of(
                new IllegalStateException("a fault of the step"),
                new CancellationException("the run was cancelled"),
                new IOException("the disk of the staged files"),
                new StackOverflowError(),
                new OutOfMemoryError("a limit of the array size"),
                new NoClassDefFoundError("io/tidemark/Gone"),
                new TidemarkException(FailureKind.MEMORY_IN_USE, "other steps have it"),
                new TidemarkException(FailureKind.TOO_LITTLE_MEMORY, "there is not so much"),
                new TidemarkException(FailureKind.STAGING_FAILED, "the disk cannot be read"),
                new TidemarkException(FailureKind.ROWS_LOST, "the output is shorter"),
                new TidemarkException(FailureKind.NOT_AUTHORIZED, "no right to write"));
    }

    @ParameterizedTest
    @MethodSource("reasonsToAbort")
    void whateverEndsTheSendsAbortsTheTransaction(Throwable reason) {
        MockProducer<byte[], byte[]> kafka = kafka(true);

        assertThat(failed(kafka, () -> sneak(reason))).isSameAs(reason).hasNoSuppressedExceptions();

        assertThat(kafka.transactionAborted()).isTrue();
    }

    @ParameterizedTest
    @EnumSource(
            value = FailureKind.class,
            names = {"FENCED", "KAFKA_UNAVAILABLE"})
    void anAbortThatCannotHelpIsLeftToTheNextFence(FailureKind kind) {
        MockProducer<byte[], byte[]> kafka = kafka(true);

        assertThat(failed(kafka, () -> sneak(new TidemarkException(kind, "while sending"))))
                .isInstanceOf(TidemarkException.class);

        assertThat(kafka.transactionAborted()).isFalse();
    }

    @Test
    void anAbortThatFailsDoesNotHideTheReason() {
        MockProducer<byte[], byte[]> kafka = kafka(true);
        kafka.abortTransactionException = new IllegalStateException("in no state to abort");

        assertThat(failed(kafka, () -> sneak(new IllegalArgumentException("the reason"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasSuppressedException(kafka.abortTransactionException);
    }

    @Test
    void aTransactionWithoutAFailureIsCommitted() {
        MockProducer<byte[], byte[]> kafka = kafka(true);

        assertThat(failed(kafka, () -> {})).isNull();

        assertThat(kafka.transactionCommitted()).isTrue();
        assertThat(kafka.transactionAborted()).isFalse();
    }

    @SuppressWarnings("unchecked") // throws what a method without a throws clause may throw
    private static <E extends Throwable> void sneak(Throwable failure) throws E {
        throw (E) failure;
    }

    @Test
    void aFailureThatIsNotRetriedAbortsTheTransaction() {
        MockProducer<byte[], byte[]> kafka = kafka(false);
        try (FencingProducer producer = new FencingProducer("tidemark/voltage-daily/1/0", kafka, TIMER)) {
            producer.fence();

            assertThatThrownBy(() -> producer.transaction(() -> {
                        producer.send("means", 0, null, new byte[5], Map.of());
                        kafka.errorNext(new RecordTooLargeException("5 bytes"));
                        producer.flush();
                    }))
                    .isInstanceOfSatisfying(
                            TidemarkException.class,
                            failure -> assertThat(failure.kind()).isEqualTo(FailureKind.RECORD_TOO_LARGE))
                    .hasNoSuppressedExceptions();

            assertThat(kafka.transactionAborted()).isTrue();
        }
    }

    @Test
    void aFailureOfTheCommitIsNotFollowedByAnAbortThatCouldBeTooLate() {
        MockProducer<byte[], byte[]> kafka = kafka(true);
        try (FencingProducer producer = begun(kafka)) {
            kafka.commitTransactionException = new RecordTooLargeException("5 bytes");

            assertThatThrownBy(producer::commit).isInstanceOf(TidemarkException.class);

            assertThat(kafka.transactionAborted()).isFalse();
        }
    }

    @Test
    void anAnswerWithoutAnOffsetIsNotBelieved() {
        TopicPartition state = new TopicPartition("state", 3);
        MockProducer<byte[], byte[]> kafka =
                new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer()) {
                    @Override
                    public synchronized Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> sent) {
                        return CompletableFuture.completedFuture(new RecordMetadata(state, -1, 0, 0, 0, 5));
                    }
                };
        try (FencingProducer producer = begun(kafka)) {
            producer.send("state", 3, null, new byte[5], Map.of());

            assertThatThrownBy(producer::flush).isInstanceOfSatisfying(TidemarkException.class, failure -> {
                assertThat(failure.kind().retryable()).isTrue();
                assertThat(failure).hasMessageContainingAll("state[3]", "offset -1");
            });
            assertThat(kafka.transactionAborted()).isTrue();
        }
    }
}
