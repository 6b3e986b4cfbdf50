package io.tidemark.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Draws times or bytes against sizes, with the regression line of each curve, as SVG for light and dark backgrounds. */
final class GrowthPlot {

    private static final int WIDTH = 720;
    private static final int HEIGHT = 400;
    private static final int LEFT = 60;
    private static final int RIGHT = 24;
    private static final int TOP = 76;
    private static final int BOTTOM = 56;
    private static final int TICKS = 6;

    private static final String STYLE = """
            <style>
              svg { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; color: #1f2328; background: #ffffff }
              text { fill: currentColor }
              .title { font-size: 15px; font-weight: 600 }
              .grid { stroke: currentColor; stroke-opacity: .15 }
              .axis { stroke: currentColor; stroke-opacity: .6 }
              .c0 { color: #0969da } .c1 { color: #bc4c00 }
              .line { stroke: currentColor; stroke-width: 1.5; stroke-dasharray: 5 4; stroke-opacity: .8 }
              .spread { stroke: currentColor; stroke-width: 1.5 }
              .point { fill: currentColor }
              @media (prefers-color-scheme: dark) {
                svg { color: #e6edf3; background: #0d1117 }
                .c0 { color: #58a6ff } .c1 { color: #f0883e }
              }
            </style>
            """;

    /** A size and the times that were measured for it. */
    record Point(double x, double min, double median, double max) {
        static Point of(double x, Figures figures) {
            return new Point(x, figures.min(), figures.median(), figures.max());
        }
    }

    /** A named series of points of at least two sizes. */
    record Curve(String name, List<Point> points) {
        Line line() {
            return Line.through(
                    points.stream().map(Point::x).toList(),
                    points.stream().map(Point::median).toList());
        }
    }

    /** A scale from zero to a round number, and the pixels of both ends. */
    record Scale(double step, double end, double from, double to) {

        /** Returns the shortest scale that includes {@code most}, with steps of 1, 2 or 5 times a power of ten. */
        static Scale reaching(double most, double from, double to) {
            double rough = most / TICKS;
            double power = Math.pow(10, Math.floor(Math.log10(rough)));
            double step = power * 10;
            for (int nice : new int[] {5, 2, 1}) {
                if (nice * power >= rough) {
                    step = nice * power;
                }
            }
            return new Scale(step, Math.ceil(most / step - 1e-9) * step, from, to);
        }

        double pixel(double value) {
            return from + (to - from) * value / end;
        }

        List<Double> ticks() {
            List<Double> ticks = new ArrayList<>();
            for (int i = 0; i * step <= end * (1 + 1e-9); i++) {
                ticks.add(i * step);
            }
            return ticks;
        }

        /** Returns the number with as many decimals as the step needs. */
        String text(double tick) {
            int decimals = Math.max(0, (int) -Math.floor(Math.log10(step) + 1e-9));
            return String.format(Locale.ROOT, "%,." + decimals + "f", tick);
        }
    }

    private final StringBuilder svg = new StringBuilder();

    private GrowthPlot() {}

    /**
     * Returns the drawing.
     *
     * @param title title of the picture
     * @param xAxis label of the axis of sizes
     * @param unit unit of what was measured, such as seconds
     * @param curves one or two
     */
    static String svg(String title, String xAxis, String unit, List<Curve> curves) {
        GrowthPlot plot = new GrowthPlot();
        plot.draw(title, xAxis, unit, curves);
        return plot.svg.toString();
    }

    private void draw(String title, String xAxis, String unit, List<Curve> curves) {
        Scale x = Scale.reaching(most(curves, true), LEFT, WIDTH - RIGHT);
        Scale y = Scale.reaching(most(curves, false), HEIGHT - BOTTOM, TOP);
        add(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\">",
                WIDTH, HEIGHT, WIDTH, HEIGHT);
        add("<title>%s</title>", escaped(title));
        svg.append(STYLE);
        text("title", LEFT, 26, "start", title);
        grid(x, y);
        text("", (LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 14, "middle", xAxis);
        text("", LEFT, TOP - 12, "end", unit);
        double legend = LEFT + 4;
        for (int i = 0; i < curves.size(); i++) {
            add("<g class=\"c%d\">", i);
            curve(curves.get(i), x, y);
            add("<circle class=\"point\" cx=\"%.1f\" cy=\"46\" r=\"4\"/>", legend);
            add("</g>");
            text("", legend + 10, 50.5, "start", curves.get(i).name());
            legend += 190;
        }
        text("", WIDTH - RIGHT, 50.5, "end", "median, spread, nearest straight line");
        add("</svg>");
    }

    private void grid(Scale x, Scale y) {
        for (double tick : y.ticks()) {
            line(tick == 0 ? "axis" : "grid", LEFT, y.pixel(tick), WIDTH - RIGHT, y.pixel(tick));
            text("", LEFT - 8, y.pixel(tick) + 4.5, "end", y.text(tick));
        }
        for (double tick : x.ticks()) {
            line(tick == 0 ? "axis" : "grid", x.pixel(tick), TOP, x.pixel(tick), HEIGHT - BOTTOM);
            text("", x.pixel(tick), HEIGHT - BOTTOM + 19, "middle", x.text(tick));
        }
    }

    private void curve(Curve curve, Scale x, Scale y) {
        Line fit = curve.line();
        double last = curve.points().stream().mapToDouble(Point::x).max().orElseThrow();
        line("line", x.pixel(0), y.pixel(fit.at(0)), x.pixel(last), y.pixel(fit.at(last)));
        for (Point point : curve.points()) {
            line("spread", x.pixel(point.x()), y.pixel(point.min()), x.pixel(point.x()), y.pixel(point.max()));
            add(
                    "<circle class=\"point\" cx=\"%.1f\" cy=\"%.1f\" r=\"4\"/>",
                    x.pixel(point.x()), y.pixel(point.median()));
        }
    }

    private static double most(List<Curve> curves, boolean size) {
        return curves.stream()
                .flatMap(curve -> curve.points().stream())
                .mapToDouble(point -> size ? point.x() : point.max())
                .max()
                .orElseThrow();
    }

    private void line(String style, double fromX, double fromY, double toX, double toY) {
        add("<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>", style, fromX, fromY, toX, toY);
    }

    private void text(String style, double x, double y, String anchor, String text) {
        add(
                "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>",
                style, x, y, anchor, escaped(text));
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;");
    }

    private void add(String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format, values)).append('\n');
    }
}
