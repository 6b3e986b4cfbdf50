package io.tidemark.bench;

import io.tidemark.embedded.Ports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/** Gets the metrics of a worker again and again, as Prometheus does. */
final class Scraper {
    private final HttpClient client = HttpClient.newHttpClient();
    private final HttpRequest request;

    private Scraper(int port) {
        request = HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/metrics"))
                // As Prometheus asks.
                .header("Accept-Encoding", "gzip")
                .header("Accept", "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5")
                .timeout(Duration.ofSeconds(10))
                .build();
    }

    /** Returns the option of a worker that serves metrics. */
    static String option() {
        return "--health-port=" + Ports.free();
    }

    /**
     * Scrapes once, then each period until the worker is gone.
     *
     * @param option that the worker was started with
     */
    static void start(String option, Duration period) {
        Scraper scraper = new Scraper(Integer.parseInt(option.substring(option.indexOf('=') + 1)));
        try {
            scraper.scrape();
            Thread thread = new Thread(() -> scraper.repeat(period), "scraper");
            thread.setDaemon(true);
            thread.start();
        } catch (IOException e) {
            throw new UncheckedIOException("the worker's metrics cannot be scraped", e);
        }
    }

    private void repeat(Duration period) {
        try {
            while (true) {
                Thread.sleep(period.toMillis());
                scrape();
            }
        } catch (IOException | InterruptedException e) {
            // The worker has ended.
        }
    }

    private void scrape() throws IOException {
        try {
            int status = client.send(request, BodyHandlers.ofByteArray()).statusCode();
            if (status != 200) {
                throw new IOException("status " + status);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }
}
