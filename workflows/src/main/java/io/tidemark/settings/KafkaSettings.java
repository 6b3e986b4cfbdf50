package io.tidemark.settings;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.kafka.common.KafkaException;
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

    private final String source;
    private final String bootstrapServers;
    private final Map<String, String> common;
    private final Map<String, String> consumer;
    private final Map<String, String> producer;
    private final List<String> warnings;
    private final List<Setting> written;

    private KafkaSettings(String source, Written main, Written consumer, Written producer) {
        Set<String> warnings = new LinkedHashSet<>();
        Map<String, Setting> mine =
                accepted(main.common(), union(KafkaSettingNames.CONSUMER, KafkaSettingNames.PRODUCER), warnings);
        Map<String, Setting> consumers = new LinkedHashMap<>();
        Map<String, Setting> producers = new LinkedHashMap<>();
        for (Written each : List.of(main, consumer, producer)) {
            consumers.putAll(accepted(each.consumer(), KafkaSettingNames.CONSUMER, warnings));
            producers.putAll(accepted(each.producer(), KafkaSettingNames.PRODUCER, warnings));
        }
        consumers.putAll(accepted(consumer.common(), KafkaSettingNames.CONSUMER, warnings));
        producers.putAll(accepted(producer.common(), KafkaSettingNames.PRODUCER, warnings));

        this.source = source;
        BootstrapServers servers = BootstrapServers.of(source, List.of(mine, consumers, producers));
        this.bootstrapServers = servers.text();
        this.common = translated(mine, Map.of(), Set.of());
        this.consumer = translated(mine, consumers, KafkaSettingNames.CONSUMER);
        this.producer = translated(mine, producers, KafkaSettingNames.PRODUCER);
        for (Map<String, String> each : List.of(this.common, this.consumer, this.producer)) {
            servers.addTo(each);
        }
        this.warnings = List.copyOf(warnings);
        this.written = Stream.of(mine, consumers, producers)
                .flatMap(each -> each.values().stream())
                .toList();
    }

    /** The settings of a file by client and resolved name; most files have only {@code common}. */
    private record Written(Map<String, Setting> common, Map<String, Setting> consumer, Map<String, Setting> producer) {
        static final Written NOTHING = new Written(Map.of(), Map.of(), Map.of());

        static Written of(List<Setting> settings) {
            Map<String, Map<String, Setting>> scopes = new HashMap<>();
            for (Setting setting : settings) {
                Setting other = scopes.computeIfAbsent(setting.scope(), unused -> new LinkedHashMap<>())
                        .putIfAbsent(setting.name(), setting);
                if (other != null) {
                    throw setting.invalid("is already set at " + other.where()
                            + (other.key().equals(setting.key()) ? "" : " as " + other.key()) + "; keep one of them");
                }
            }
            return new Written(
                    scopes.getOrDefault("", Map.of()),
                    scopes.getOrDefault(KafkaSettingNames.FOR_CONSUMERS, Map.of()),
                    scopes.getOrDefault(KafkaSettingNames.FOR_PRODUCERS, Map.of()));
        }

        static Written of(@Nullable Path file) throws IOException {
            return file == null ? NOTHING : of(SettingsFile.read(file));
        }
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
        return new KafkaSettings(file.toString(), Written.of(file), Written.of(consumerFile), Written.of(producerFile));
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
        List<Setting> main = new TreeMap<>(settings)
                .entrySet().stream()
                        .map(each -> Setting.of(each.getKey(), each.getValue(), source))
                        .toList();
        return new KafkaSettings(source, Written.of(main), Written.NOTHING, Written.NOTHING);
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

    /**
     * Creates a client of Kafka from these settings.
     *
     * @throws RejectedSettings if the client rejects them; the message names the setting with its file and line, if
     *     the client's error does, and the causes in the client's own words, without secrets
     */
    public <T> T client(Supplier<T> maker) {
        ClientRefusal.allowTokenUrls(consumer);
        try {
            return maker.get();
        } catch (KafkaException | IllegalArgumentException e) {
            throw new ClientRefusal(source, written).of(e);
        }
    }

    /** Returns where a setting was written and its key, for messages; the source if it was not. */
    String where(String name) {
        return written.stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .map(each -> each.where() + ": " + each.key())
                .orElse(source);
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

    /** Returns the settings without those that Tidemark sets itself and those that these clients do not know. */
    private static Map<String, Setting> accepted(
            Map<String, Setting> settings, Set<String> known, Set<String> warnings) {
        Map<String, Setting> accepted = new LinkedHashMap<>();
        settings.forEach((name, setting) -> {
            if (KafkaSettingNames.SET_BY_TIDEMARK.contains(name)) {
                warnings.add(setting.where() + ": " + setting.key() + " is ignored: Tidemark sets it itself.");
            } else if (KafkaSettingNames.NOT_IN_JAVA.containsKey(name)) {
                if (!KafkaSettingNames.WITHOUT_EFFECT.contains(name + "=" + setting.value())) {
                    warnings.add(setting.where() + ": " + setting.key()
                            + " is ignored, because the Java client has no such setting: "
                            + KafkaSettingNames.NOT_IN_JAVA.get(name) + ".");
                }
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
        new ConnectionSettings(settings, java).translate();
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

    private static @Nullable Path orElse(@Nullable Path path, @Nullable String variable) {
        return path != null || variable == null || variable.isBlank() ? path : Path.of(variable);
    }

    private static Set<String> union(Set<String> one, Set<String> other) {
        Set<String> both = new TreeSet<>(one);
        both.addAll(other);
        return both;
    }
}
