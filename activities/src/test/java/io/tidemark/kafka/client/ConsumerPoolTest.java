package io.tidemark.kafka.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.kafka.client.ConsumerPool.Loan;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class ConsumerPoolTest {
    private static final TopicPartition PARTITION = new TopicPartition("readings", 0);

    private final List<MockConsumer<byte[], byte[]>> made = new ArrayList<>();
    private final AtomicLong now = new AtomicLong();
    private final ConsumerPool<byte[]> pool = new ConsumerPool<>(
            () -> {
                MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("none");
                made.add(consumer);
                return consumer;
            },
            now::get);

    @Test
    void aReturnedConsumerIsLentAgainWithoutItsPartitions() {
        try (Loan<byte[]> loan = pool.lend("readings")) {
            loan.assign(List.of(PARTITION));
            loan.consumer().seek(PARTITION, 7);
            loan.done();
        }
        try (Loan<byte[]> loan = pool.lend("readings")) {
            assertThat(made).hasSize(1);
            assertThat(loan.consumer().assignment())
                    .doesNotContain(PARTITION)
                    .extracting(TopicPartition::topic)
                    .containsExactly("readings");
        }
    }

    @Test
    void theOneThatWasLentForTheTopicBeforeIsLentForItAgain() {
        Loan<byte[]> bills = pool.lend("bills");
        returned(2);
        bills.done();
        bills.close();

        try (Loan<byte[]> loan = pool.lend("readings");
                Loan<byte[]> another = pool.lend("bills");
                Loan<byte[]> other = pool.lend("clicks")) {
            assertThat(loan.consumer()).isNotSameAs(made.get(0));
            assertThat(another.consumer()).isSameAs(made.get(0));
            assertThat(other.consumer()).isIn(made);
            assertThat(made).hasSize(3);
        }
    }

    @Test
    void oneThatSomethingWentWrongWithIsClosedAndNotLentAgain() {
        try (Loan<byte[]> loan = pool.lend("readings")) {
            loan.assign(List.of(PARTITION));
        }
        try (Loan<byte[]> loan = pool.lend("readings")) {
            assertThat(made).hasSize(2);
            assertThat(made.get(0).closed()).isTrue();
            assertThat(loan.consumer()).isSameAs(made.get(1));
        }
    }

    /** A consumer does not forget the metrics of the partitions that it had. */
    @Test
    void oneThatHadManyPartitionsIsClosed() {
        List<TopicPartition> half = IntStream.range(0, ConsumerPool.MOST_ASSIGNED / 2)
                .mapToObj(partition -> new TopicPartition("readings", partition))
                .toList();
        for (int i = 0; i < 3; i++) {
            try (Loan<byte[]> loan = pool.lend("readings")) {
                loan.assign(half);
                loan.done();
            }
        }

        assertThat(made).extracting(MockConsumer::closed).containsExactly(true, false);
    }

    @Test
    void noConsumerIsLentToTwoAtOnce() {
        try (Loan<byte[]> one = pool.lend("readings");
                Loan<byte[]> other = pool.lend("readings")) {
            assertThat(one.consumer()).isNotSameAs(other.consumer());
        }
    }

    @Test
    void whatLiesIdleForLongIsClosedAndWhatIsUsedStays() {
        returned(2);
        now.addAndGet(IdlePool.MAX_IDLE_TIME.toNanos());
        returned(1);
        now.incrementAndGet();

        pool.closeIdle();

        assertThat(made).extracting(MockConsumer::closed).containsExactlyInAnyOrder(true, false);
    }

    @Test
    void soManyAreKeptAndNoMore() {
        returned(IdlePool.MAX_IDLE + 1);

        assertThat(made).hasSize(IdlePool.MAX_IDLE + 1);
        assertThat(made).filteredOn(MockConsumer::closed).hasSize(1);
    }

    @Test
    void aClosedPoolClosesWhatItHasAndWhatIsStillReturned() {
        Loan<byte[]> late = pool.lend("readings");
        returned(1);

        pool.close();
        late.done();
        late.close();

        assertThat(made).hasSize(2).allMatch(MockConsumer::closed);
    }

    /** Lends {@code count} consumers at once, and returns them. */
    private void returned(int count) {
        List<Loan<byte[]>> loans = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            loans.add(pool.lend("readings"));
        }
        for (Loan<byte[]> each : loans) {
            each.done();
            each.close();
        }
    }
}
