package io.tidemark.worker;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;

/**
 * HTTP endpoints of a worker: {@code /healthz} (the process is alive), {@code /readyz} (the worker polls) and {@code
 * /metrics} (for Prometheus).
 */
final class HealthServer implements AutoCloseable {
    private final HttpServer server;
    private volatile boolean ready;

    private HealthServer(HttpServer server) {
        this.server = server;
    }

    /**
     * Starts a server on all network interfaces.
     *
     * @param port the port, 0 for any free port
     * @throws IOException if the port is in use
     */
    static HealthServer start(int port, Supplier<String> metrics) throws IOException {
        HttpServer http;
        try {
            http = HttpServer.create(new InetSocketAddress(port), 0);
        } catch (IOException e) {
            throw new IOException(
                    "--health-port " + port + " cannot be used: " + e.getMessage() + "; name another port", e);
        }
        HealthServer health = new HealthServer(http);
        http.createContext("/healthz", exchange -> answer(exchange, 200, "ok\n"));
        http.createContext(
                "/readyz",
                exchange -> answer(exchange, health.ready ? 200 : 503, health.ready ? "ready\n" : "not polling\n"));
        http.createContext("/metrics", exchange -> answer(exchange, 200, metrics.get()));
        http.start();
        return health;
    }

    int port() {
        return server.getAddress().getPort();
    }

    void ready(boolean polls) {
        ready = polls;
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private static void answer(HttpExchange exchange, int status, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
        exchange.sendResponseHeaders(status, bytes.length);
        try (OutputStream body = exchange.getResponseBody()) {
            body.write(bytes);
        }
    }
}
