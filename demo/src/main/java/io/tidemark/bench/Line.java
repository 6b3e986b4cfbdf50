package io.tidemark.bench;

import java.util.List;

/** A regression line by least squares: {@code y = start + slope * x}. */
record Line(double start, double slope) {

    /**
     * Returns the line through the points (x, y).
     *
     * @param x at least two different values
     * @param y as many values as {@code x}
     */
    static Line through(List<Double> x, List<Double> y) {
        double meanX = x.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
        double meanY = y.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
        double covariance = 0;
        double variance = 0;
        for (int i = 0; i < x.size(); i++) {
            covariance += (x.get(i) - meanX) * (y.get(i) - meanY);
            variance += (x.get(i) - meanX) * (x.get(i) - meanX);
        }
        if (variance == 0) {
            throw new IllegalArgumentException("a line needs two different sizes, found " + x);
        }
        double slope = covariance / variance;
        return new Line(meanY - slope * meanX, slope);
    }

    double at(double x) {
        return start + slope * x;
    }
}
