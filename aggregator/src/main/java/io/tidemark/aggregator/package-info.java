/**
 * What an aggregate of your own is made of. A jar with an {@link io.tidemark.aggregator.AggregatorProvider} is put into the
 * folder of {@code worker --plugins}; jobs then name it by {@code use}. {@link io.tidemark.aggregator.AggregatorLaws} tests it.
 *
 * <p>The package depends on nothing but the JDK.
 */
@NullMarked
package io.tidemark.aggregator;

import org.jspecify.annotations.NullMarked;
