package io.tidemark.kafka.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.tidemark.run.FailureKind;
import io.tidemark.run.TidemarkException;
import io.tidemark.settings.KafkaSettings;
import io.tidemark.settings.RejectedSettings;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.internals.AllBrokersStrategy;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.InvalidTxnTimeoutException;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.UnsupportedForMessageFormatException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.utils.internals.LogContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class KafkaCallsTest {

    static Stream<RuntimeException> refusals() {
        return Stream.of(
                new InvalidTopicException("a b"),
                new UnsupportedVersionException("no such request"),
                new InvalidTxnTimeoutException("an hour"),
                new InvalidRecordException("no such schema"),
                new InvalidReplicationFactorException("3 of 1"),
                new UnsupportedForMessageFormatException("no headers"),
                new ConfigException("max.poll.records", "many"),
                new InvalidConfigurationException("cleanup.policy"),
                new PolicyViolationException("no topics without an owner"));
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void whatKafkaWillNeverTakeIsNotTriedAgain(RuntimeException refusal) {
        TidemarkException named = KafkaCalls.named("creating topic rows", new KafkaException("failed", refusal));

        assertThat(named.kind()).isEqualTo(FailureKind.REFUSED_BY_KAFKA);
        assertThat(named.kind().retryable()).isFalse();
        assertThat(named)
                .hasMessageStartingWith(
                        "creating topic rows: " + refusal.getClass().getSimpleName())
                .hasMessageContaining(refusal.getMessage());
    }

    @Test
    void aClientThatCannotBeMadeFromItsSettingsIsNotTriedAgain() {
        try (KafkaClients clients = new KafkaClients(
                KafkaSettings.of(Map.of("bootstrap.servers", "localhost:1", "request.timeout.ms", "soon")))) {
            RejectedSettings failure =
                    catchThrowableOfType(RejectedSettings.class, () -> clients.stateConsumer("state"));

            assertThat(KafkaCalls.named("state topic", failure).kind()).isEqualTo(FailureKind.REFUSED_BY_KAFKA);
        }
    }

    @Test
    void anErrorThatAProducerDidNotExpectIsWhatItSaysAtItsEnd() {
        String prefix = "Unexpected error in TxnOffsetCommitResponse: ";

        assertThat(KafkaCalls.named("commit", new KafkaException(prefix + "Topic authorization failed."))
                        .kind())
                .isEqualTo(FailureKind.NOT_AUTHORIZED);
        assertThat(KafkaCalls.named("commit", new KafkaException(prefix + "something new"))
                        .kind())
                .isEqualTo(FailureKind.KAFKA_UNAVAILABLE);
    }

    /** Thrown by the client's own class, so that the test notices a newer client with another message. */
    @Test
    void anAdminClientThatTripsOverABrokerThatWentAwayIsTriedAgain() {
        AllBrokersStrategy strategy = new AllBrokersStrategy(new LogContext());
        Throwable tripped = catchThrowable(
                () -> strategy.buildRequest(Set.of(new AllBrokersStrategy.BrokerKey(OptionalInt.of(3)))));

        assertThat(KafkaCalls.named("transactions of the cluster", tripped))
                .hasMessageContaining("a broker went away")
                .extracting(TidemarkException::kind)
                .isEqualTo(FailureKind.KAFKA_UNAVAILABLE);
    }

    @Test
    void aLeaderThatMovesIsWaitedFor() {
        assertThat(KafkaCalls.named("input", new NotLeaderOrFollowerException("moved"))
                        .kind())
                .isEqualTo(FailureKind.KAFKA_UNAVAILABLE);
    }
}
