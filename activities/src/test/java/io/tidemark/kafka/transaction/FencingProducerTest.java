package io.tidemark.kafka.transaction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.run.FailureKind;
import io.tidemark.run.TidemarkException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

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

    @Test
    void aFailureThatIsNotRetriedAbortsTheTransaction() {
        MockProducer<byte[], byte[]> kafka = kafka(false);
        try (FencingProducer producer = begun(kafka)) {
            producer.send("means", 0, null, new byte[5], Map.of());
            kafka.errorNext(new RecordTooLargeException("5 bytes"));

            assertThatThrownBy(producer::flush)
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
