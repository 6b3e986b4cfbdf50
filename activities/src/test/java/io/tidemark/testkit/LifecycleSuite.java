package io.tidemark.testkit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.ClassTemplate;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A suite of what docs/lifecycle.md lists. Each build runs it once, {@code -Dfaults.repeats=5} so many times, and {@code
 * -Pfaults} as many times as its ledger still lacks of the 20 that row R10 of docs/reliability.md asks for.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ClassTemplate
@ExtendWith(Repeats.class)
public @interface LifecycleSuite {}
