package io.tidemark.bench;

import java.util.List;

/** The straight line that is nearest to some points, by least squares: {@code y = start + slope * x}. */
record Line(double start, double slope) {

    /**
     * Fits it.
     *
     * @param x at least two different ones
     * @param y as many
     */
    static Line through(List<Double> x, List<Double> y) {
        double meanX = x.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
        double meanY = y.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
        double together = 0;
        double alone = 0;
        for (int i = 0; i < x.size(); i++) {
            together += (x.get(i) - meanX) * (y.get(i) - meanY);
            alone += (x.get(i) - meanX) * (x.get(i) - meanX);
        }
        if (alone == 0) {
            throw new IllegalArgumentException("a line needs two different sizes, and there is " + x);
        }
        double slope = together / alone;
        return new Line(meanY - slope * meanX, slope);
    }

    double at(double x) {
        return start + slope * x;
    }
}
