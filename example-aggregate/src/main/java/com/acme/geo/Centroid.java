package com.acme.geo;

import io.tidemark.aggregator.Aggregator;
import io.tidemark.aggregator.ArgumentType;
import io.tidemark.aggregator.Arguments;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Rounds each coordinate to whole units of the last decimal, and sums these. A sum of whole numbers does not depend on the order;
 * a sum of doubles would.
 */
final class Centroid implements Aggregator<Centroid.Places> {
    private final int precision;
    private final double unitsPerDegree;

    Centroid(int precision) {
        this.precision = precision;
        unitsPerDegree = Math.pow(10, precision);
    }

    /** How many places there are, and the sums of their coordinates. */
    static final class Places {
        private long count;
        private long lat;
        private long lon;
    }

    @Override
    public List<ArgumentType> arguments() {
        return List.of(ArgumentType.NUMBER, ArgumentType.NUMBER);
    }

    @Override
    public Places createAccumulator() {
        return new Places();
    }

    @Override
    public Places addInput(Places places, Arguments input) {
        places.count++;
        places.lat = Math.addExact(places.lat, units(input.number(0), 90));
        places.lon = Math.addExact(places.lon, units(input.number(1), 180));
        return places;
    }

    private long units(double degrees, int most) {
        if (Math.abs(degrees) > most) {
            throw new IllegalArgumentException("a coordinate is not from -" + most + " to " + most);
        }
        return Math.round(degrees * unitsPerDegree);
    }

    @Override
    public Places mergeAccumulators(Places into, Places from) {
        into.count += from.count;
        into.lat = Math.addExact(into.lat, from.lat);
        into.lon = Math.addExact(into.lon, from.lon);
        return into;
    }

    @Override
    public @Nullable Object extractOutput(Places places) {
        return places.count == 0
                ? null
                : Map.of("lat", mean(places.lat, places.count), "lon", mean(places.lon, places.count));
    }

    private BigDecimal mean(long sum, long count) {
        return BigDecimal.valueOf(sum, precision).divide(BigDecimal.valueOf(count), precision, RoundingMode.HALF_EVEN);
    }

    @Override
    public byte[] encode(Places places) {
        return ByteBuffer.allocate(maxBytes())
                .putLong(places.count)
                .putLong(places.lat)
                .putLong(places.lon)
                .array();
    }

    @Override
    public Places decode(byte[] bytes) {
        ByteBuffer from = ByteBuffer.wrap(bytes);
        Places places = new Places();
        places.count = from.getLong();
        places.lat = from.getLong();
        places.lon = from.getLong();
        return places;
    }

    @Override
    public int maxBytes() {
        return 3 * Long.BYTES;
    }

    @Override
    public boolean isCanonical() {
        return true;
    }
}
