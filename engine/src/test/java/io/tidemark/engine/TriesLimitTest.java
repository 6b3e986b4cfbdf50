package io.tidemark.engine;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AfterContainer;

/** Each run of the engine's unit tests shows that the limit of tries is obeyed. */
class TriesLimitTest {
    private static final int STATED = 5_000;

    private static int tries;

    @Property(tries = STATED)
    void aPropertyIsTriedAsOftenAsTheLimitSays(@ForAll long any) {
        tries++;
    }

    @AfterContainer
    static void count() {
        assertThat(tries).isEqualTo(Math.min(STATED, Integer.getInteger("tidemark.tries", STATED)));
    }
}
