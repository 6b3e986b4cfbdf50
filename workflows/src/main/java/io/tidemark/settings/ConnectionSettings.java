package io.tidemark.settings;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** Translates what files for librdkafka and for Spring say about logins and certificates to the Java client's settings. */
final class ConnectionSettings {
    private static final String LOGIN = "org.apache.kafka.common.security.";
    private static final String OAUTH_HANDLER = LOGIN + "oauthbearer.OAuthBearerLoginCallbackHandler";
    private static final String TOKEN_URL = "sasl.oauthbearer.token.endpoint.url";
    private static final String CLIENT_ID = "sasl.oauthbearer.client.credentials.client.id";
    private static final Set<String> PASSWORD_MECHANISMS = Set.of("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512");

    private final Map<String, Setting> settings;
    private final Map<String, String> java;

    /**
     * @param settings the settings of one kind of client
     * @param java receives the settings for the Java client; already has those that need no translation
     */
    ConnectionSettings(Map<String, Setting> settings, Map<String, String> java) {
        this.settings = settings;
        this.java = java;
    }

    void translate() {
        password();
        oauth();
        kerberos();
        suites();
        stores();
        trust();
        identity();
    }

    private void password() {
        Setting username = settings.get("sasl.username");
        Setting password = settings.get("sasl.password");
        if (username == null && password == null) {
            return;
        }
        if (username == null || password == null) {
            throw incomplete(username, "sasl.username", password, "sasl.password");
        }
        if (settings.containsKey("sasl.jaas.config")) {
            throw username.invalid("conflicts with sasl.jaas.config; keep one of them");
        }
        String mechanism = java.get("sasl.mechanism");
        if (mechanism == null || !PASSWORD_MECHANISMS.contains(mechanism)) {
            throw username.invalid("needs sasl.mechanisms=PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512; it is "
                    + (mechanism == null ? "missing" : mechanism));
        }
        String module = mechanism.equals("PLAIN") ? "plain.PlainLoginModule" : "scram.ScramLoginModule";
        java.put(
                "sasl.jaas.config",
                LOGIN + module + " required username=" + quoted(username.value()) + " password="
                        + quoted(password.value()) + ";");
    }

    /** By default the Java client makes unsigned tokens itself, whatever the address of a token server says. */
    private void oauth() {
        Setting method = settings.get("sasl.oauthbearer.method");
        Setting extensions = settings.get("sasl.oauthbearer.extensions");
        boolean oidc = method != null && method.value().equalsIgnoreCase("oidc");
        if (method != null && !oidc && !method.value().equalsIgnoreCase("default")) {
            throw method.invalid("is neither default nor oidc");
        }
        Setting client = settings.get(CLIENT_ID);
        if (java.get(TOKEN_URL) == null) {
            Setting needy = oidc ? method : client;
            if (needy != null) {
                throw needy.invalid("needs " + TOKEN_URL + ", which is missing");
            }
            if (extensions != null) {
                throw extensions.invalid("needs sasl.oauthbearer.method=oidc; in Java's own spelling, extensions are"
                        + " options of sasl.jaas.config: extension_<name>=\"<value>\"");
            }
            return;
        }
        java.putIfAbsent("sasl.login.callback.handler.class", OAUTH_HANDLER);
        if (settings.containsKey("sasl.jaas.config")) {
            if (extensions != null) {
                throw extensions.invalid("conflicts with sasl.jaas.config; keep one of them");
            }
            return;
        }
        StringBuilder jaas = new StringBuilder(LOGIN + "oauthbearer.OAuthBearerLoginModule required");
        if (extensions != null) {
            for (String each : extensions.value().split(",")) {
                int equals = each.indexOf('=');
                if (equals <= 0) {
                    throw extensions.invalid("is not a list of name=value, separated by commas");
                }
                jaas.append(" extension_")
                        .append(each.substring(0, equals).strip())
                        .append('=')
                        .append(quoted(each.substring(equals + 1).strip()));
            }
        }
        java.put("sasl.jaas.config", jaas.append(';').toString());
    }

    private void kerberos() {
        Setting keytab = settings.get("sasl.kerberos.keytab");
        Setting principal = settings.get("sasl.kerberos.principal");
        if (keytab == null && principal == null) {
            return;
        }
        if (keytab == null || principal == null) {
            throw incomplete(keytab, "sasl.kerberos.keytab", principal, "sasl.kerberos.principal");
        }
        // librdkafka calls kinit with a text of its own form. Java's login module reads the key table itself.
        java.remove("sasl.kerberos.kinit.cmd");
        java.putIfAbsent("sasl.kerberos.service.name", "kafka");
        java.putIfAbsent(
                "sasl.jaas.config",
                "com.sun.security.auth.module.Krb5LoginModule required useKeyTab=true storeKey=true keyTab="
                        + quoted(file(keytab).toString()) + " principal=" + quoted(principal.value()) + ";");
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    /** The client rejects an unknown suite only when it connects, and then only in its log. OpenSSL has other names. */
    private void suites() {
        Setting suites = settings.get("ssl.cipher.suites");
        if (suites == null
                || settings.containsKey("ssl.provider")
                || settings.containsKey("ssl.engine.factory.class")) {
            return;
        }
        Set<String> known;
        try {
            known = Set.of(SSLContext.getDefault().getSupportedSSLParameters().getCipherSuites());
        } catch (NoSuchAlgorithmException e) {
            return;
        }
        for (String suite : suites.value().split(",")) {
            if (!known.contains(suite.strip())) {
                throw suites.invalid(
                        "Java has no cipher suite '" + suite.strip() + "'; remove the setting, or write names"
                                + " such as TLS_AES_256_GCM_SHA384, separated by commas");
            }
        }
    }

    /** Checks that the files exist, and tells PEM files from other stores: Java's default type is JKS. */
    private void stores() {
        for (String store : List.of("ssl.truststore", "ssl.keystore")) {
            Setting location = settings.get(store + ".location");
            if (location == null) {
                continue;
            }
            Path path = file(location);
            java.put(store + ".location", path.toString());
            if (!java.containsKey(store + ".type") && isPem(location, path)) {
                java.put(store + ".type", "PEM");
            }
        }
    }

    private static boolean isPem(Setting setting, Path path) {
        try {
            return new String(Files.readAllBytes(path), StandardCharsets.ISO_8859_1).contains("-----BEGIN ");
        } catch (IOException e) {
            throw setting.invalid("cannot be read: " + e.getMessage());
        }
    }

    private void trust() {
        Setting authorities = settings.get("ssl.ca.location");
        // "probe" tells librdkafka to look for the certificates of the system; Java uses its own by default.
        if (authorities != null && !authorities.value().equals("probe")) {
            java.put("ssl.truststore.type", "PEM");
            java.put("ssl.truststore.location", file(authorities).toString());
        } else if (settings.containsKey("ssl.truststore.certificates")) {
            java.putIfAbsent("ssl.truststore.type", "PEM");
        }
    }

    private void identity() {
        Setting certificate = settings.get("ssl.certificate.location");
        Setting key = settings.get("ssl.key.location");
        if (certificate == null && key == null) {
            if (settings.containsKey("ssl.keystore.key")) {
                java.putIfAbsent("ssl.keystore.type", "PEM");
                requirePkcs8(requireNonNull(settings.get("ssl.keystore.key")), "KEY");
            }
            return;
        }
        if (certificate == null || key == null) {
            throw incomplete(certificate, "ssl.certificate.location", key, "ssl.key.location");
        }
        // In a file, the Java client needs certificate and key together; as text, they may be separate.
        Setting pem = key.with(text(key));
        requirePkcs8(pem, key.value());
        java.put("ssl.keystore.type", "PEM");
        java.put("ssl.keystore.certificate.chain", text(certificate));
        java.put("ssl.keystore.key", pem.value());
    }

    private static void requirePkcs8(Setting pem, String file) {
        if (pem.value().contains("BEGIN RSA PRIVATE KEY") || pem.value().contains("BEGIN EC PRIVATE KEY")) {
            throw pem.invalid(
                    "the Java client reads keys in PKCS #8 form only; convert it with: openssl pkcs8 -topk8 -in " + file
                            + " -out key.pk8");
        }
    }

    private static IllegalArgumentException incomplete(
            @Nullable Setting one, String nameOfOne, @Nullable Setting other, String nameOfOther) {
        Setting present = one == null ? requireNonNull(other) : one;
        return present.invalid("needs " + (one == null ? nameOfOne : nameOfOther) + ", which is missing");
    }

    private static Path file(Setting setting) {
        String text = setting.value();
        if (text.startsWith("classpath:")) {
            throw setting.invalid("names a file inside a program; name a file on the disk");
        }
        // Spring writes a URL.
        Path path;
        try {
            path = Path.of(text.startsWith("file:") ? text.replaceFirst("^file:(//)?", "") : text);
        } catch (InvalidPathException e) {
            throw setting.invalid("is not the name of a file");
        }
        if (!Files.isRegularFile(path) || !Files.isReadable(path)) {
            throw setting.invalid("'" + path + "' is not a readable file");
        }
        return path;
    }

    private static String text(Setting setting) {
        try {
            return Files.readString(file(setting));
        } catch (IOException e) {
            throw setting.invalid("cannot be read: " + e.getMessage());
        }
    }
}
