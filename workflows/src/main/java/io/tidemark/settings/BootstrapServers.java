package io.tidemark.settings;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The bootstrap servers of all files, which must be the same.
 *
 * @param text the servers as the clients take them, such as {@code a:9092,b:9092}
 * @param protocol the security protocol before the servers, as in {@code SASL_SSL://a:9092}, or null
 */
record BootstrapServers(String text, @Nullable String protocol) {
    private static final Pattern SERVER = Pattern.compile("(?:([A-Za-z_]+)://)?([^\\s/\"']+:(\\d{1,5}))");
    private static final Set<String> PROTOCOLS = Set.of("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL");

    /**
     * Returns the servers in the settings of all clients.
     *
     * @throws IllegalArgumentException if there are none, one is not an address, or two files differ
     */
    static BootstrapServers of(String source, Collection<Map<String, Setting>> clients) {
        List<Setting> found = new ArrayList<>();
        for (Map<String, Setting> each : clients) {
            Setting setting = each.get("bootstrap.servers");
            if (setting != null) {
                found.add(setting);
            }
        }
        if (found.isEmpty()) {
            throw new IllegalArgumentException(
                    source + ": bootstrap.servers is missing; write bootstrap.servers=host:9092");
        }
        Setting first = found.get(0);
        Set<String> protocols = new TreeSet<>();
        Set<String> servers = servers(first, protocols);
        for (Setting setting : found) {
            if (!servers(setting, protocols).equals(servers)) {
                throw setting.invalid("'" + setting.value() + "' differs from '" + first.value() + "' at "
                        + first.where() + "; all clients must use the same cluster");
            }
        }
        if (protocols.size() > 1) {
            throw first.invalid("has the protocols " + String.join(" and ", protocols) + "; write one of them as"
                    + " security.protocol, and the servers as host:port");
        }
        String protocol = protocols.isEmpty() ? null : protocols.iterator().next();
        for (Map<String, Setting> each : clients) {
            Setting other = each.get("security.protocol");
            if (protocol != null && other != null && !other.value().equalsIgnoreCase(protocol)) {
                throw first.invalid("says " + protocol + "://, but security.protocol at " + other.where() + " is "
                        + other.value() + "; keep one of them");
            }
        }
        return new BootstrapServers(String.join(",", servers), protocol);
    }

    private static Set<String> servers(Setting setting, Collection<String> protocols) {
        Set<String> servers = new LinkedHashSet<>();
        for (String server : Arrays.stream(setting.value().split(","))
                .map(String::strip)
                .filter(each -> !each.isEmpty())
                .toList()) {
            Matcher parts = SERVER.matcher(server);
            if (!parts.matches()) {
                throw setting.invalid("'" + server + "' is not of the form host:port"
                        + (server.startsWith("\"") || server.startsWith("'") ? "; write it without quotes" : ""));
            }
            if (Integer.parseInt(parts.group(3)) > 65_535) {
                throw setting.invalid("'" + server + "' has no valid port; ports go up to 65535");
            }
            if (parts.group(1) != null) {
                String protocol = parts.group(1).toUpperCase(Locale.ROOT);
                if (!PROTOCOLS.contains(protocol)) {
                    throw setting.invalid(
                            "'" + server + "' is not of the form host:port; remove " + parts.group(1) + "://");
                }
                protocols.add(protocol);
            }
            servers.add(parts.group(2));
        }
        if (servers.isEmpty()) {
            throw setting.invalid("is empty; write bootstrap.servers=host:9092");
        }
        return servers;
    }

    void addTo(Map<String, String> settings) {
        settings.put("bootstrap.servers", text);
        if (protocol != null) {
            settings.put("security.protocol", protocol);
        }
    }
}
