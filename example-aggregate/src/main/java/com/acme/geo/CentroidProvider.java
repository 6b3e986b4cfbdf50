package com.acme.geo;

import io.tidemark.aggregator.Aggregator;
import io.tidemark.aggregator.AggregatorProvider;
import io.tidemark.aggregator.Options;

/** The aggregate {@code acme.centroid}: the mean latitude and longitude of places, with {@code precision} decimals. */
public final class CentroidProvider implements AggregatorProvider {
    @Override
    public String name() {
        return "acme.centroid";
    }

    @Override
    public int version() {
        return 1;
    }

    @Override
    public Aggregator<?> create(Options options) {
        return new Centroid(options.whole("precision", 0, 7, 5));
    }
}
