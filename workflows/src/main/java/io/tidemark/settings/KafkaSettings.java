package io.tidemark.settings;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How to reach Kafka, read from files of {@code key=value} lines in the spelling of librdkafka or of the Java client, and
 * given out as settings of the Java client. Holds secrets: its {@link #toString} and its errors have names only.
 *
 * <p>Settings of one kind of client never reach another; settings that Tidemark makes itself, and those that the Java
 * client does not have, are left out with a warning.
 */
public final class KafkaSettings {
    /** The environment variable that names the file of settings for every client. */
    public static final String FILE_VARIABLE = "TIDEMARK_KAFKA_CONFIG";

    /** Names the file of settings for consumers only. */
    public static final String CONSUMER_FILE_VARIABLE = "TIDEMARK_KAFKA_CONSUMER_CONFIG";

    /** Names the file of settings for producers only. */
    public static final String PRODUCER_FILE_VARIABLE = "TIDEMARK_KAFKA_PRODUCER_CONFIG";

    /** The tutorial's name; looked for in the working directory. */
    public static final String DEFAULT_FILE = "kafka_server.config";

    /** Where a broker on the same machine listens unless told otherwise. */
    public static final String DEFAULT_BOOTSTRAP_SERVERS = "localhost:9092";

    private static final Pattern SERVER = Pattern.compile("\\S+:\\d{1,5}");
    private static final Set<String> PASSWORD_MECHANISMS = Set.of("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512");

    private final String source;
    private final String bootstrapServers;
    private final Map<String, String> common;
    private final Map<String, String> consumer;
    private final Map<String, String> producer;
    private final List<String> warnings;

    /** A setting as it was written. */
    private record Setting(String key, String value, String where) {
        IllegalArgumentException invalid(String problem) {
            return new IllegalArgumentException(where + ": " + key + ": " + problem);
        }
    }

    private KafkaSettings(
            String source, Map<String, Setting> main, Map<String, Setting> consumer, Map<String, Setting> producer) {
        Set<String> warnings = new LinkedHashSet<>();
        Map<String, Setting> mine =
                accepted(main, union(KafkaSettingNames.CONSUMER, KafkaSettingNames.PRODUCER), warnings);
        Map<String, Setting> consumers = accepted(consumer, KafkaSettingNames.CONSUMER, warnings);
        Map<String, Setting> producers = accepted(producer, KafkaSettingNames.PRODUCER, warnings);

        this.source = source;
        this.bootstrapServers = oneCluster(source, mine, consumers, producers);
        this.common = translated(mine, Map.of(), Set.of());
        this.consumer = translated(mine, consumers, KafkaSettingNames.CONSUMER);
        this.producer = translated(mine, producers, KafkaSettingNames.PRODUCER);
        for (Map<String, String> each : List.of(this.common, this.consumer, this.producer)) {
            each.put("bootstrap.servers", bootstrapServers);
        }
        this.warnings = List.copyOf(warnings);
    }

    /**
     * Reads settings from files.
     *
     * @param file settings for every client
     * @param consumerFile settings for consumers, on top, or null
     * @param producerFile settings for producers, on top, or null
     * @throws IOException where a file cannot be read
     * @throws IllegalArgumentException where a file makes no sense; names file, line and setting
     */
    public static KafkaSettings load(Path file, @Nullable Path consumerFile, @Nullable Path producerFile)
            throws IOException {
        return new KafkaSettings(
                file.toString(),
                read(file),
                consumerFile == null ? Map.of() : read(consumerFile),
                producerFile == null ? Map.of() : read(producerFile));
    }

    /**
     * Reads settings from where they are by default: the files given, else those that the environment names
     * ({@value #FILE_VARIABLE} and its two companions), else {@value #DEFAULT_FILE} in the working directory, else
     * {@value #DEFAULT_BOOTSTRAP_SERVERS}.
     *
     * @throws IOException where a file cannot be read, or does not exist though it was asked for
     * @throws IllegalArgumentException where a file makes no sense; names file, line and setting
     */
    public static KafkaSettings find(@Nullable Path file, @Nullable Path consumerFile, @Nullable Path producerFile)
            throws IOException {
        return find(file, consumerFile, producerFile, System::getenv, Path.of(""));
    }

    static KafkaSettings find(
            @Nullable Path file,
            @Nullable Path consumerFile,
            @Nullable Path producerFile,
            Function<String, @Nullable String> environment,
            Path folder)
            throws IOException {
        Path consumers = orElse(consumerFile, environment.apply(CONSUMER_FILE_VARIABLE));
        Path producers = orElse(producerFile, environment.apply(PRODUCER_FILE_VARIABLE));
        Path main = orElse(file, environment.apply(FILE_VARIABLE));
        if (main != null) {
            return load(main, consumers, producers);
        }
        Path preset = folder.resolve(DEFAULT_FILE);
        if (Files.exists(preset)) {
            return load(preset, consumers, producers);
        }
        if (consumers != null || producers != null) {
            throw new IllegalArgumentException("settings for consumers or producers go on top of those for both: name"
                    + " a file with bootstrap.servers by --kafka-config or " + FILE_VARIABLE);
        }
        return of("the default; there is no " + DEFAULT_FILE, Map.of("bootstrap.servers", DEFAULT_BOOTSTRAP_SERVERS));
    }

    /**
     * Takes settings that are already in memory: of a broker in the same JVM, or of a test.
     *
     * @throws IllegalArgumentException where they make no sense; names the setting
     */
    public static KafkaSettings of(Map<String, String> settings) {
        return of("Kafka settings", settings);
    }

    private static KafkaSettings of(String source, Map<String, String> settings) {
        Map<String, Setting> main = new LinkedHashMap<>();
        new TreeMap<>(settings).forEach((key, value) -> add(main, new Setting(key, value, source)));
        return new KafkaSettings(source, main, Map.of(), Map.of());
    }

    /** Settings that every client knows, for admin clients; a new map. */
    public Map<String, Object> common() {
        return new LinkedHashMap<>(common);
    }

    /** Settings for consumers, without those that Tidemark makes itself; a new map. */
    public Map<String, Object> consumer() {
        return new LinkedHashMap<>(consumer);
    }

    /** Settings for producers, without those that Tidemark makes itself; a new map. */
    public Map<String, Object> producer() {
        return new LinkedHashMap<>(producer);
    }

    /** What was left out and why, a sentence for each setting. */
    public List<String> warnings() {
        return warnings;
    }

    /** The brokers to ask first, the same for every client. */
    public String bootstrapServers() {
        return bootstrapServers;
    }

    /** Where the settings come from, for messages: the main file, or a few words. */
    public String source() {
        return source;
    }

    /** The names of the settings, without their values. */
    @Override
    public String toString() {
        Set<String> names = new TreeSet<>(common.keySet());
        names.addAll(consumer.keySet());
        names.addAll(producer.keySet());
        return "KafkaSettings" + names;
    }

    private static Map<String, Setting> read(Path file) throws IOException {
        Map<String, Setting> settings = new LinkedHashMap<>();
        List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
        for (int i = 0; i < lines.size(); i++) {
            // Editors on Windows begin a file with a byte-order mark.
            String line =
                    (i == 0 && lines.get(i).startsWith("\uFEFF") ? lines.get(i).substring(1) : lines.get(i)).strip();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            String where = file + ":" + (i + 1);
            int equals = line.indexOf('=');
            if (equals <= 0) {
                // The line itself stays out of the message: it may be the rest of a secret.
                throw new IllegalArgumentException(where + ": is not of the form key=value");
            }
            add(
                    settings,
                    new Setting(
                            line.substring(0, equals).strip(),
                            line.substring(equals + 1).strip(),
                            where));
        }
        return settings;
    }

    private static void add(Map<String, Setting> settings, Setting setting) {
        String name = KafkaSettingNames.RENAMED.getOrDefault(setting.key(), setting.key());
        Setting other = settings.putIfAbsent(name, setting);
        if (other != null) {
            throw setting.invalid("is set before, at " + other.where()
                    + (other.key().equals(setting.key()) ? "" : " as " + other.key()) + "; keep one of them");
        }
    }

    /** What is left after settings that Tidemark makes itself, and those that none of these clients know. */
    private static Map<String, Setting> accepted(
            Map<String, Setting> settings, Set<String> known, Set<String> warnings) {
        Map<String, Setting> accepted = new LinkedHashMap<>();
        settings.forEach((name, setting) -> {
            if (KafkaSettingNames.SET_BY_TIDEMARK.contains(name)) {
                warnings.add(setting.where() + ": " + setting.key() + " is ignored: Tidemark sets it itself.");
            } else if (KafkaSettingNames.COMMON.contains(name)
                    || KafkaSettingNames.TRANSLATED.contains(name)
                    || known.contains(name)
                    || name.startsWith("config.providers.")) {
                accepted.put(name, setting);
            } else if (KafkaSettingNames.CONSUMER.contains(name) || KafkaSettingNames.PRODUCER.contains(name)) {
                warnings.add(
                        setting.where() + ": " + setting.key() + " is ignored: it is a setting of the other client.");
            } else {
                warnings.add(
                        setting.where() + ": " + setting.key() + " is ignored: the Java client has no such setting.");
            }
        });
        return accepted;
    }

    private static String oneCluster(
            String source, Map<String, Setting> main, Map<String, Setting> consumer, Map<String, Setting> producer) {
        List<Setting> found = new ArrayList<>();
        for (Map<String, Setting> each : List.of(main, consumer, producer)) {
            Setting setting = each.get("bootstrap.servers");
            if (setting != null) {
                found.add(setting);
            }
        }
        if (found.isEmpty()) {
            throw new IllegalArgumentException(
                    source + ": bootstrap.servers is missing; write bootstrap.servers=host:9092");
        }
        for (Setting setting : found) {
            for (String server : servers(setting)) {
                if (!SERVER.matcher(server).matches()) {
                    throw setting.invalid("'" + server + "' is not of the form host:port");
                }
            }
            if (!servers(setting).equals(servers(found.get(0)))) {
                throw setting.invalid("'" + setting.value() + "' is not '"
                        + found.get(0).value() + "' of " + found.get(0).where()
                        + "; this version reads and writes one cluster");
            }
        }
        return String.join(",", servers(found.get(0)));
    }

    private static Set<String> servers(Setting setting) {
        return new LinkedHashSet<>(
                Arrays.stream(setting.value().split(",", -1)).map(String::strip).toList());
    }

    /** Settings of one kind of client in the words of the Java client. */
    private static Map<String, String> translated(
            Map<String, Setting> main, Map<String, Setting> own, Set<String> kind) {
        Map<String, Setting> settings = new LinkedHashMap<>();
        main.forEach((name, setting) -> {
            if (!other(name, kind)) {
                settings.put(name, setting);
            }
        });
        settings.putAll(own);

        Map<String, String> java = new LinkedHashMap<>();
        settings.forEach((name, setting) -> {
            if (!KafkaSettingNames.TRANSLATED.contains(name)) {
                java.put(name, value(name, setting));
            }
        });
        password(settings, java);
        trust(settings, java);
        identity(settings, java);
        return java;
    }

    private static boolean other(String name, Set<String> kind) {
        return !kind.contains(name)
                && (KafkaSettingNames.CONSUMER.contains(name) || KafkaSettingNames.PRODUCER.contains(name));
    }

    private static String value(String name, Setting setting) {
        return switch (name) {
            case "security.protocol", "sasl.mechanism" -> setting.value().toUpperCase(Locale.ROOT);
            case "ssl.endpoint.identification.algorithm" -> setting.value().equals("none") ? "" : setting.value();
            default -> setting.value();
        };
    }

    private static void password(Map<String, Setting> settings, Map<String, String> java) {
        Setting username = settings.get("sasl.username");
        Setting password = settings.get("sasl.password");
        if (username == null && password == null) {
            return;
        }
        if (username == null || password == null) {
            Setting present = username == null ? requireNonNull(password) : username;
            throw present.invalid("needs " + (username == null ? "sasl.username" : "sasl.password") + " beside it");
        }
        if (settings.containsKey("sasl.jaas.config")) {
            throw username.invalid("says the same as sasl.jaas.config; keep one of them");
        }
        String mechanism = java.get("sasl.mechanism");
        if (mechanism == null || !PASSWORD_MECHANISMS.contains(mechanism)) {
            throw username.invalid("goes with sasl.mechanisms=PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512; it is "
                    + (mechanism == null ? "missing" : mechanism));
        }
        String module = mechanism.equals("PLAIN") ? "plain.PlainLoginModule" : "scram.ScramLoginModule";
        java.put(
                "sasl.jaas.config",
                "org.apache.kafka.common.security." + module + " required username=" + quoted(username.value())
                        + " password=" + quoted(password.value()) + ";");
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private static void trust(Map<String, Setting> settings, Map<String, String> java) {
        Setting authorities = settings.get("ssl.ca.location");
        // "probe" asks librdkafka to look for the system's certificates; Java always has its own.
        if (authorities != null && !authorities.value().equals("probe")) {
            java.put("ssl.truststore.type", "PEM");
            java.put("ssl.truststore.location", file(authorities).toString());
        } else if (settings.containsKey("ssl.truststore.certificates")) {
            java.putIfAbsent("ssl.truststore.type", "PEM");
        }
    }

    private static void identity(Map<String, Setting> settings, Map<String, String> java) {
        Setting certificate = settings.get("ssl.certificate.location");
        Setting key = settings.get("ssl.key.location");
        if (certificate == null && key == null) {
            if (settings.containsKey("ssl.keystore.key")) {
                java.putIfAbsent("ssl.keystore.type", "PEM");
            }
            return;
        }
        if (certificate == null || key == null) {
            Setting present = certificate == null ? requireNonNull(key) : certificate;
            throw present.invalid(
                    "needs " + (certificate == null ? "ssl.certificate.location" : "ssl.key.location") + " beside it");
        }
        // As a file the Java client wants both in one; as text they may come from two.
        String pem = text(key);
        if (pem.contains("BEGIN RSA PRIVATE KEY") || pem.contains("BEGIN EC PRIVATE KEY")) {
            throw key.invalid("the Java client reads keys in PKCS #8 form only; convert it with: openssl pkcs8 -topk8");
        }
        java.put("ssl.keystore.type", "PEM");
        java.put("ssl.keystore.certificate.chain", text(certificate));
        java.put("ssl.keystore.key", pem);
    }

    private static Path file(Setting setting) {
        Path path = Path.of(setting.value());
        if (!Files.isRegularFile(path) || !Files.isReadable(path)) {
            throw setting.invalid("'" + path + "' is not a file that can be read");
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

    private static @Nullable Path orElse(@Nullable Path path, @Nullable String variable) {
        return path != null || variable == null || variable.isBlank() ? path : Path.of(variable);
    }

    private static Set<String> union(Set<String> one, Set<String> other) {
        Set<String> both = new TreeSet<>(one);
        both.addAll(other);
        return both;
    }
}
