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
 * Settings of the Kafka clients, read from files of {@code key=value} lines with the names of librdkafka or of the Java
 * client, and returned with the names of the Java client. Contains secrets: {@link #toString} and the errors contain
 * names only. Immutable.
 *
 * <p>Consumers get no producer settings and producers no consumer settings. Settings that Tidemark sets itself, and
 * settings that the Java client does not have, are ignored with a warning.
 */
public final class KafkaSettings {
    /** The environment variable that names the file of settings for every client. */
    public static final String FILE_VARIABLE = "TIDEMARK_KAFKA_CONFIG";

    /** The environment variable that names the file of settings for consumers only. */
    public static final String CONSUMER_FILE_VARIABLE = "TIDEMARK_KAFKA_CONSUMER_CONFIG";

    /** The environment variable that names the file of settings for producers only. */
    public static final String PRODUCER_FILE_VARIABLE = "TIDEMARK_KAFKA_PRODUCER_CONFIG";

    /** The file that is read from the working directory by default. The name comes from the Kafka tutorials. */
    public static final String DEFAULT_FILE = "kafka_server.config";

    /** The default address of a broker on the same machine. */
    public static final String DEFAULT_BOOTSTRAP_SERVERS = "localhost:9092";

    private static final Pattern SERVER = Pattern.compile("\\S+:\\d{1,5}");
    private static final Set<String> PASSWORD_MECHANISMS = Set.of("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512");

    private final String source;
    private final String bootstrapServers;
    private final Map<String, String> common;
    private final Map<String, String> consumer;
    private final Map<String, String> producer;
    private final List<String> warnings;

    /** A setting as it was written, with its file and line. */
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
     * @param consumerFile settings for consumers, which override those in {@code file}, or null
     * @param producerFile settings for producers, which override those in {@code file}, or null
     * @throws IOException if a file cannot be read
     * @throws IllegalArgumentException if a file is invalid; the message names file, line and setting
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
     * Reads settings from the given files. Without a file, reads the one that the environment names ({@value
     * #FILE_VARIABLE}, and its counterparts for consumers and producers), else {@value #DEFAULT_FILE} in the working
     * directory, else uses {@value #DEFAULT_BOOTSTRAP_SERVERS}.
     *
     * @throws IOException if a file cannot be read, or a named file does not exist
     * @throws IllegalArgumentException if a file is invalid; the message names file, line and setting
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
            throw new IllegalArgumentException(
                    "there are settings for consumers or producers, but none for both: name a"
                            + " file with bootstrap.servers by --kafka-config or " + FILE_VARIABLE);
        }
        return of("the default; there is no " + DEFAULT_FILE, Map.of("bootstrap.servers", DEFAULT_BOOTSTRAP_SERVERS));
    }

    /**
     * Returns settings that are already in memory.
     *
     * @throws IllegalArgumentException if they are invalid; the message names the setting
     */
    public static KafkaSettings of(Map<String, String> settings) {
        return of("Kafka settings", settings);
    }

    private static KafkaSettings of(String source, Map<String, String> settings) {
        Map<String, Setting> main = new LinkedHashMap<>();
        new TreeMap<>(settings).forEach((key, value) -> add(main, new Setting(key, value, source)));
        return new KafkaSettings(source, main, Map.of(), Map.of());
    }

    /** Returns the settings that every client knows, for admin clients, in a new map. */
    public Map<String, Object> common() {
        return new LinkedHashMap<>(common);
    }

    /** Returns the settings for consumers, without those that Tidemark sets itself, in a new map. */
    public Map<String, Object> consumer() {
        return new LinkedHashMap<>(consumer);
    }

    /** Returns the settings for producers, without those that Tidemark sets itself, in a new map. */
    public Map<String, Object> producer() {
        return new LinkedHashMap<>(producer);
    }

    /** Returns a sentence for each setting that is ignored, with the reason. */
    public List<String> warnings() {
        return warnings;
    }

    /** Returns the bootstrap servers, which are the same for every client. */
    public String bootstrapServers() {
        return bootstrapServers;
    }

    /** Returns the source of the settings, for messages: the main file, or a description. */
    public String source() {
        return source;
    }

    /** Returns the names of the settings, without their values. */
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
            // Editors on Windows write a byte-order mark at the start of a file.
            String line =
                    (i == 0 && lines.get(i).startsWith("\uFEFF") ? lines.get(i).substring(1) : lines.get(i)).strip();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            String where = file + ":" + (i + 1);
            int equals = line.indexOf('=');
            if (equals <= 0) {
                // The message does not contain the line, because it may be a part of a secret.
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
            throw setting.invalid("is already set at " + other.where()
                    + (other.key().equals(setting.key()) ? "" : " as " + other.key()) + "; keep one of them");
        }
    }

    /** Returns the settings without those that Tidemark sets itself and those that these clients do not know. */
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
                warnings.add(setting.where() + ": " + setting.key() + " is ignored: it is a setting of "
                        + (KafkaSettingNames.CONSUMER.contains(name) ? "consumers." : "producers."));
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
                throw setting.invalid("'" + setting.value() + "' differs from '"
                        + found.get(0).value() + "' at " + found.get(0).where()
                        + "; all clients must use the same cluster");
            }
        }
        return String.join(",", servers(found.get(0)));
    }

    private static Set<String> servers(Setting setting) {
        return new LinkedHashSet<>(
                Arrays.stream(setting.value().split(",", -1)).map(String::strip).toList());
    }

    /** Returns the settings of one kind of client, with the names of the Java client. */
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
            throw present.invalid(
                    "needs " + (username == null ? "sasl.username" : "sasl.password") + ", which is missing");
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
                "org.apache.kafka.common.security." + module + " required username=" + quoted(username.value())
                        + " password=" + quoted(password.value()) + ";");
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private static void trust(Map<String, Setting> settings, Map<String, String> java) {
        Setting authorities = settings.get("ssl.ca.location");
        // "probe" tells librdkafka to look for the certificates of the system; Java uses its own by default.
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
            throw present.invalid("needs " + (certificate == null ? "ssl.certificate.location" : "ssl.key.location")
                    + ", which is missing");
        }
        // In a file, the Java client needs certificate and key together; as text, they may be separate.
        String pem = text(key);
        if (pem.contains("BEGIN RSA PRIVATE KEY") || pem.contains("BEGIN EC PRIVATE KEY")) {
            throw key.invalid(
                    "the Java client reads keys in PKCS #8 form only; convert it with: openssl pkcs8 -topk8 -in "
                            + key.value() + " -out key.pk8");
        }
        java.put("ssl.keystore.type", "PEM");
        java.put("ssl.keystore.certificate.chain", text(certificate));
        java.put("ssl.keystore.key", pem);
    }

    private static Path file(Setting setting) {
        Path path = Path.of(setting.value());
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

    private static @Nullable Path orElse(@Nullable Path path, @Nullable String variable) {
        return path != null || variable == null || variable.isBlank() ? path : Path.of(variable);
    }

    private static Set<String> union(Set<String> one, Set<String> other) {
        Set<String> both = new TreeSet<>(one);
        both.addAll(other);
        return both;
    }
}
