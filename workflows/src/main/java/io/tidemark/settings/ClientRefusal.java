package io.tidemark.settings;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Says why Kafka's client cannot be made from settings. The client's own exception says only that; its causes say why.
 */
final class ClientRefusal {
    /** The Java client connects only to token servers in this system property (KIP-1139). */
    private static final String ALLOWED_URLS = "org.apache.kafka.sasl.oauthbearer.allowed.urls";

    /** A secret among the options of a login module. */
    private static final Pattern SECRET_OPTION =
            Pattern.compile("(?i)(?:password|secret|token|key)\\w*\\s*=\\s*[\"']?((?:[^\"'\\\\\\s;]++|\\\\.)+)");

    private static final Pattern MISSING_CLASS = Pattern.compile(
            "(?:LoginModule class:|No LoginModule found for|Class|ClassNotFoundException:) +([\\w.$]+[.][A-Z][\\w$]*)");

    /** Words of the client, and the settings that they are about, the first that the file has. */
    private static final Map<String, List<String>> SUBJECTS = Map.of(
            "truststore", List.of("ssl.truststore.password", "ssl.truststore.location", "ssl.ca.location"),
            "trust store", List.of("ssl.truststore.password", "ssl.truststore.location", "ssl.ca.location"),
            "keystore", List.of("ssl.keystore.password", "ssl.keystore.location", "ssl.certificate.location"),
            "JAAS", List.of("sasl.jaas.config", "sasl.mechanism", "security.protocol"),
            "LoginModule", List.of("sasl.jaas.config", "sasl.mechanism", "security.protocol"),
            "login", List.of("sasl.jaas.config", "sasl.mechanism", "security.protocol"),
            "bootstrap", List.of("bootstrap.servers"));

    private static Set<String> allowedByUs = Set.of();

    private final String source;
    private final List<Setting> settings;

    ClientRefusal(String source, List<Setting> settings) {
        this.source = source;
        this.settings = settings;
    }

    /**
     * Lets the Java client use the token servers in the settings. The client's list of servers protects programs whose
     * users choose the settings; here the operator does. An own list of the operator stands.
     */
    static synchronized void allowTokenUrls(Map<String, String> settings) {
        Set<String> urls = new TreeSet<>(allowedByUs);
        settings.forEach((name, value) -> {
            if (name.startsWith("sasl.oauthbearer.") && name.endsWith(".url")) {
                urls.add(value);
            }
        });
        String ours = String.join(",", allowedByUs);
        if (!urls.equals(allowedByUs) && ours.equals(System.getProperty(ALLOWED_URLS, ""))) {
            allowedByUs = urls;
            System.setProperty(ALLOWED_URLS, String.join(",", urls));
        }
    }

    RejectedSettings of(Throwable failure) {
        String why = why(failure);
        Optional<Setting> about = about(why);
        if (why.contains("password was incorrect")) {
            about = about.flatMap(each -> named(each.name().replace(".location", ".password")))
                    .or(() -> about(why));
        }
        boolean network = Refusals.isNetwork(failure);
        if (network) {
            about = named("sasl.oauthbearer.token.endpoint.url").or(() -> about(why));
        }
        // Secrets are removed last, so that a setting can be found by its path.
        String said = withoutSecrets(why) + advice(why);
        return new RejectedSettings(
                about.map(each -> each.where() + ": " + each.key() + ": ").orElse(source + ": ")
                        + (network ? "the server does not answer: " : "the Kafka client rejects the settings: ")
                        + said,
                failure);
    }

    /** Returns the causes from the outside to the inside, without those that only repeat others. */
    private static String why(Throwable failure) {
        List<String> said = new ArrayList<>();
        Set<Throwable> seen = new LinkedHashSet<>();
        for (Throwable cause = failure; cause != null && seen.add(cause); cause = cause.getCause()) {
            String text = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
            String message = text.replaceFirst("^(?:(?:[a-z]+\\.)+[A-Za-z.]*(?:Exception|Error): )+", "")
                    .strip();
            boolean generic = message.matches("Failed to (?:create new|construct) .*")
                    || (said.stream().anyMatch(each -> each.contains(message)));
            if (!generic) {
                said.removeIf(message::contains);
                said.add(message);
            }
        }
        return said.isEmpty() ? String.valueOf(failure.getMessage()) : String.join(": ", said);
    }

    private Optional<Setting> about(String why) {
        return first(each -> mentions(why, each.name()) || mentions(why, each.key()))
                .or(() -> first(each -> each.value().length() > 3
                        && !KafkaSettingNames.isSecret(each.name())
                        && why.contains(each.value())))
                .or(() -> SUBJECTS.entrySet().stream()
                        .filter(each -> why.contains(each.getKey()))
                        .sorted(Map.Entry.comparingByKey())
                        .flatMap(each -> each.getValue().stream())
                        .flatMap(name -> named(name).stream())
                        .findFirst());
    }

    private Optional<Setting> named(String name) {
        return settings.stream().filter(each -> each.name().equals(name)).findFirst();
    }

    private static boolean mentions(String text, String name) {
        return Pattern.compile("(?<![\\w.])" + Pattern.quote(name) + "(?![\\w.]*\\w)")
                .matcher(text)
                .find();
    }

    private Optional<Setting> first(Predicate<Setting> test) {
        return settings.stream()
                .filter(test)
                .max(Comparator.comparingInt(each -> each.name().length()));
    }

    private String withoutSecrets(String text) {
        List<String> secrets = settings.stream()
                .filter(each -> KafkaSettingNames.isSecret(each.name()))
                .flatMap(each -> Stream.concat(
                        Stream.of(each.value()),
                        SECRET_OPTION.matcher(each.value()).results().map(quoted -> quoted.group(1))))
                .filter(each -> each.length() > 2)
                .sorted(Comparator.comparingInt(String::length).reversed())
                .collect(Collectors.toList());
        String clean = text;
        for (String secret : secrets) {
            clean = clean.replace(secret, "[hidden]");
        }
        return clean;
    }

    private static String advice(String why) {
        var missing = MISSING_CLASS.matcher(why);
        if (missing.find()) {
            return "; if " + missing.group(1) + " is in a jar of its own, add that jar to TIDEMARK_CLASSPATH";
        } else if (why.contains("Could not find a 'KafkaClient' entry")) {
            return "; write sasl.jaas.config, or sasl.username and sasl.password";
        }
        return "";
    }
}
