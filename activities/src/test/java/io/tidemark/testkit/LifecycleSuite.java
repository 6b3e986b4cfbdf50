package io.tidemark.testkit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.ClassTemplate;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A suite for the events in docs/lifecycle.md. Each build runs it once, {@code -Dfaults.repeats=5} five times, and
 * {@code -Pfaults} as often as its ledger lacks of the 20 runs that row R10 of docs/reliability.md requires.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ClassTemplate
@ExtendWith(Repeats.class)
public @interface LifecycleSuite {}
