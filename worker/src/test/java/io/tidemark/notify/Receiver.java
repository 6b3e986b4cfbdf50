package io.tidemark.notify;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

/** An HTTP server in this JVM that keeps what is posted to it. */
public final class Receiver implements AutoCloseable {
    /** What was posted; names of headers are in lower case. */
    public record Post(String path, Map<String, String> headers, byte[] body) {}

    private final HttpServer server;
    private final BlockingQueue<Post> posts = new LinkedBlockingQueue<>();

    /** Starts a server that answers 204. */
    public Receiver() {
        this(() -> 204);
    }

    /** Starts a server that answers with these statuses. */
    public Receiver(IntSupplier status) {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/", exchange -> {
            byte[] body = exchange.getRequestBody().readAllBytes();
            Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
            exchange.getRequestHeaders().forEach((name, values) -> headers.put(name, String.join(",", values)));
            int answer = status.getAsInt();
            posts.add(new Post(exchange.getRequestURI().getPath(), headers, body));
            exchange.sendResponseHeaders(answer, -1);
            exchange.close();
        });
        server.start();
    }

    /** Returns the URL of a path that has a token. */
    public String url() {
        return "http://localhost:" + server.getAddress().getPort() + "/hooks/token-of-the-url";
    }

    /** Returns the next post, at most 30 s later. */
    public Post next() throws InterruptedException {
        return Objects.requireNonNull(posts.poll(30, TimeUnit.SECONDS), "nothing was posted");
    }

    /** Returns what was posted and not taken yet. */
    public List<Post> rest() {
        return List.copyOf(posts);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
