package io.tidemark.kafka.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.kafka.client.KafkaClients;
import io.tidemark.kafka.client.ReaderKind;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.TidemarkException;
import io.tidemark.settings.KafkaSettings;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What happens with a version of kafka-clients that lacks internal classes; {@link InputReadersIT} reads with it. */
class FallbackReaderTest {
    /** Loads the readers anew, and no class of the client that is not public API. */
    private static final class WithoutInternals extends ClassLoader {
        WithoutInternals() {
            super(FallbackReaderTest.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (name.startsWith("org.apache.kafka.common.record.internal.")
                    || name.startsWith("org.apache.kafka.common.utils.internals.")
                    || name.startsWith("org.apache.kafka.common.requests.")
                    || name.startsWith("org.apache.kafka.clients.NetworkClient")) {
                throw new ClassNotFoundException(name);
            }
            if (!name.startsWith("io.tidemark.kafka.input.")) {
                return super.loadClass(name, resolve);
            }
            try (InputStream in = getResourceAsStream(name.replace('.', '/') + ".class")) {
                byte[] bytes = in.readAllBytes();
                return defineClass(name, bytes, 0, bytes.length);
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }
    }

    @Test
    void theReadersThatAreLeftDoNotNeedInternalClasses() {
        for (Class<?> each :
                List.of(InputReader.class, RangeReader.class, ConsumerReader.class, FallbackReader.class)) {
            assertThatCode(() -> Class.forName(each.getName(), true, new WithoutInternals()))
                    .as("%s", each)
                    .doesNotThrowAnyException();
        }
        assertThatThrownBy(() -> Class.forName(FetchConnection.class.getName(), true, new WithoutInternals())
                        .getDeclaredMethods())
                .isInstanceOf(LinkageError.class);
    }

    @Test
    void aReadThatHasBegunIsLeftToTheNextAttempt() {
        try (KafkaClients clients =
                new KafkaClients(KafkaSettings.of(Map.of("bootstrap.servers", "localhost:9092")), ReaderKind.FETCH)) {
            RangeReader broken = new RangeReader(clients, System::nanoTime) {
                @Override
                void read(
                        ReadRanges ranges,
                        BooleanSupplier more,
                        RecordHandler handler,
                        Consumer<List<PartitionRange>> between) {
                    ranges.all().get(0).handed(0, -1);
                    throw new NoSuchMethodError("RecordBatch.partitionLeaderEpoch");
                }
            };
            InputReader reader = new FallbackReader(clients, () -> broken, System::nanoTime);

            assertThatThrownBy(() -> reader.read(
                            "readings",
                            List.of(new PartitionRange(0, 0, 5)),
                            Duration.ofSeconds(1),
                            record -> {},
                            remaining -> {}))
                    .isInstanceOfSatisfying(TidemarkException.class, failure -> {
                        assertThat(failure.kind().retryable()).isTrue();
                        assertThat(failure).hasMessageContainingAll("readings", "RecordBatch.partitionLeaderEpoch");
                    });
            assertThat(clients.reader()).isEqualTo(ReaderKind.CONSUMER);
        }
    }
}
