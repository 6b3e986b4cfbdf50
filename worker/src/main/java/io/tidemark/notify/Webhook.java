package io.tidemark.notify;

import io.tidemark.run.Notice;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** Where notices go, and how they are signed: the scheme and the headers of Standard Webhooks (standardwebhooks.com). */
public final class Webhook {
    /** The environment variable with the secret. It is no option, because other users can read a command line. */
    public static final String SECRET_VARIABLE = "TIDEMARK_WEBHOOK_SECRET";

    /** How a secret of Standard Webhooks begins. */
    private static final String PREFIX = "whsec_";

    /** Standard Webhooks asks for 24 to 64 bytes. */
    private static final int LEAST_BYTES = 24;

    private static final String ALGORITHM = "HmacSHA256";

    private final URI url;
    private final byte @Nullable [] key;
    private final Set<Notice.Type> on;

    private Webhook(URI url, byte @Nullable [] key, Set<Notice.Type> on) {
        this.url = url;
        this.key = key;
        this.on = on;
    }

    /**
     * Reads the settings of a webhook.
     *
     * @param url an http or https URL
     * @param secret {@code whsec_} and the base64 of 24 bytes or more, or null to sign nothing
     * @param on the types of notices, comma-separated and in lower case
     * @throws IllegalArgumentException if one of them is wrong; the message does not contain the secret
     */
    public static Webhook of(String url, @Nullable String secret, String on) {
        return new Webhook(
                HttpPost.url("--webhook", url), secret == null || secret.isEmpty() ? null : key(secret), types(on));
    }

    private static byte[] key(String secret) {
        String base64 = secret.startsWith(PREFIX) ? secret.substring(PREFIX.length()) : secret;
        byte[] key;
        try {
            key = Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            // The cause would show characters of the secret.
            key = new byte[0];
        }
        if (key.length < LEAST_BYTES) {
            throw new IllegalArgumentException(SECRET_VARIABLE + " must be " + PREFIX + " and the base64 of at least "
                    + LEAST_BYTES + " random bytes; make one with: echo " + PREFIX + "$(openssl rand -base64 32)");
        }
        return key;
    }

    private static Set<Notice.Type> types(String names) {
        Set<Notice.Type> types = EnumSet.noneOf(Notice.Type.class);
        for (String each : names.split(",", -1)) {
            String name = each.strip();
            types.add(Arrays.stream(Notice.Type.values())
                    .filter(type -> name(type).equals(name))
                    .findAny()
                    .orElseThrow(() -> new IllegalArgumentException("--webhook-on has '" + name
                            + "'; it is a comma-separated list of "
                            + Arrays.stream(Notice.Type.values())
                                    .map(Webhook::name)
                                    .collect(Collectors.joining(", ")))));
        }
        return types;
    }

    /** Returns the name of a type in settings and events. */
    static String name(Notice.Type type) {
        return type.name().toLowerCase(Locale.ROOT);
    }

    /** Returns the types of notices to send. */
    public Set<Notice.Type> on() {
        return EnumSet.copyOf(on);
    }

    URI url() {
        return url;
    }

    /**
     * Returns the headers of a message: its id, the time and, if there is a secret, the signature of id, time and body.
     *
     * @param seconds the time, in seconds since the epoch; a receiver refuses messages that are older than a few minutes
     */
    Map<String, String> headers(String id, long seconds, byte[] body) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("webhook-id", id);
        headers.put("webhook-timestamp", Long.toString(seconds));
        if (key != null) {
            headers.put("webhook-signature", "v1," + signature(key, id + "." + seconds + ".", body));
        }
        return headers;
    }

    private static String signature(byte[] key, String before, byte[] body) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(key, ALGORITHM));
            mac.update(before.getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(mac.doFinal(body));
        } catch (NoSuchAlgorithmException | InvalidKeyException e) {
            throw new IllegalStateException("every Java has " + ALGORITHM, e);
        }
    }
}
