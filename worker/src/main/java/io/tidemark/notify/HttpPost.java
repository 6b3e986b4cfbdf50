package io.tidemark.notify;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Posts bodies to URLs. Safe for use by several threads. */
public final class HttpPost {
    private static final Duration CONNECT = Duration.ofSeconds(5);
    /** Standard Webhooks recommends 15 to 30 s. */
    private static final Duration ANSWER = Duration.ofSeconds(15);

    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(CONNECT).build();

    /**
     * Reads a URL.
     *
     * @throws IllegalArgumentException if it is none that can be posted to; the message does not contain the URL, which may
     *     have a token
     */
    public static URI url(String option, String text) {
        try {
            URI url = URI.create(text);
            String scheme = url.getScheme();
            if (("http".equals(scheme) || "https".equals(scheme)) && url.getHost() != null) {
                return url;
            }
        } catch (IllegalArgumentException e) {
            // The message would contain the URL.
        }
        throw new IllegalArgumentException(option + " must be a URL such as https://example.com/tidemark");
    }

    /** Returns scheme, host and port of a URL, for logs: the rest may have a token. */
    static String shown(URI url) {
        return url.getScheme() + "://" + url.getHost() + (url.getPort() < 0 ? "" : ":" + url.getPort());
    }

    /** Posts a body. Returns why it was not accepted, or null if it was: if the answer has a status of 200 to 299. */
    @Nullable
    String post(URI url, String contentType, Map<String, String> headers, byte[] body) throws InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(url)
                .timeout(ANSWER)
                .header("content-type", contentType)
                .POST(HttpRequest.BodyPublishers.ofByteArray(body));
        headers.forEach(request::header);
        try {
            int status = client.send(request.build(), HttpResponse.BodyHandlers.discarding())
                    .statusCode();
            return status >= 200 && status < 300 ? null : shown(url) + " answered " + status;
        } catch (IOException e) {
            return shown(url) + " did not answer: " + e;
        }
    }
}
