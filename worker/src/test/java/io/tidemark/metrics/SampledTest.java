package io.tidemark.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SampledTest {
    private final AtomicLong now = new AtomicLong();
    private final AtomicLong source = new AtomicLong(5);

    @Test
    void aValueIsReadAtMostOnceInTenSeconds() {
        Sampled value = new Sampled(source::incrementAndGet, now::get);

        assertThat(value.get()).isEqualTo(6);
        assertThat(value.get()).isEqualTo(6);
        now.addAndGet(Duration.ofSeconds(11).toNanos());
        assertThat(value.get()).isEqualTo(7);
    }

    @Test
    void whatCannotBeReadIsNotZero() {
        Sampled value = new Sampled(
                () -> {
                    throw new IOException("gone");
                },
                now::get);

        assertThat(value.get()).isNaN();
    }
}
