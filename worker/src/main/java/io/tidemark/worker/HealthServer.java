package io.tidemark.worker;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import java.util.zip.GZIPOutputStream;

/**
 * HTTP endpoints of a worker: {@code /healthz} (the process is alive), {@code /readyz} (the worker can do runs) and {@code
 * /metrics} (for Prometheus).
 */
final class HealthServer implements AutoCloseable {
    private static final String PLAIN = "text/plain; charset=utf-8";
    private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";
    private static final String OPEN_METRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    private final HttpServer server;
    private final ExecutorService threads;

    private HealthServer(HttpServer server, ExecutorService threads) {
        this.server = server;
        this.threads = threads;
    }

    /** Writes the metrics. */
    @FunctionalInterface
    interface Scrape {
        void write(OutputStream out, String contentType) throws IOException;
    }

    /**
     * Starts a server on all network interfaces.
     *
     * @param port the port, 0 for any free port
     * @throws IOException if the port is in use
     */
    static HealthServer start(int port, Health health, Scrape metrics) throws IOException {
        return start("--health-port", port, health::notAlive, health::notReady, metrics);
    }

    /** The same for another process; {@code option} names the port. */
    static HealthServer start(
            String option, int port, Supplier<List<String>> notAlive, Supplier<List<String>> notReady, Scrape metrics)
            throws IOException {
        HttpServer http;
        try {
            http = HttpServer.create(new InetSocketAddress(port), 0);
        } catch (IOException e) {
            throw new IOException(
                    option + " " + port + " cannot be used: " + e.getMessage() + "; name another port", e);
        }
        // Two threads, so that a slow scrape does not delay the answer to a probe.
        ExecutorService threads = Executors.newFixedThreadPool(2, task -> {
            Thread thread = new Thread(task, "tidemark-http");
            thread.setDaemon(true);
            return thread;
        });
        http.setExecutor(threads);
        http.createContext("/healthz", exchange -> answer(exchange, "ok", notAlive.get()));
        http.createContext("/readyz", exchange -> answer(exchange, "ready", notReady.get()));
        http.createContext("/metrics", exchange -> answer(exchange, metrics));
        http.start();
        return new HealthServer(http, threads);
    }

    int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private static void answer(HttpExchange exchange, String good, List<String> problems) throws IOException {
        String text = problems.isEmpty() ? good : String.join("\n", problems);
        send(exchange, problems.isEmpty() ? 200 : 503, PLAIN, (text + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private static void answer(HttpExchange exchange, Scrape metrics) throws IOException {
        String type = asks(exchange, "Accept", "application/openmetrics-text") ? OPEN_METRICS : PROMETHEUS;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        boolean zip = asks(exchange, "Accept-Encoding", "gzip");
        try (OutputStream out = zip ? new GZIPOutputStream(bytes) : bytes) {
            metrics.write(out, type);
        } catch (RuntimeException e) {
            // The server would close the connection without a word.
            byte[] text = ("metrics cannot be read: " + e + "\n").getBytes(StandardCharsets.UTF_8);
            send(exchange, 500, PLAIN, text);
            return;
        }
        if (zip) {
            exchange.getResponseHeaders().set("Content-Encoding", "gzip");
        }
        send(exchange, 200, type, bytes.toByteArray());
    }

    private static boolean asks(HttpExchange exchange, String header, String value) {
        Headers headers = exchange.getRequestHeaders();
        return headers.getOrDefault(header, List.of()).stream().anyMatch(each -> each.contains(value));
    }

    private static void send(HttpExchange exchange, int status, String type, byte[] bytes) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(status, bytes.length);
        try (OutputStream body = exchange.getResponseBody()) {
            body.write(bytes);
        }
    }
}
