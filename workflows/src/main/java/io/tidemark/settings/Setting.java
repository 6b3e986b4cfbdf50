package io.tidemark.settings;

/**
 * A setting of a file.
 *
 * @param key the key for messages: as it was written, or without its text if it may be a part of a secret
 * @param scope {@link KafkaSettingNames#FOR_CONSUMERS}, {@link KafkaSettingNames#FOR_PRODUCERS}, or empty for every client
 * @param name the name that the Java client has for it, as far as it has one
 * @param value the value, which may be a secret
 * @param where file and line, for messages
 */
record Setting(String key, String scope, String name, String value, String where) {
    static Setting of(String key, String value, String where) {
        String resolved = KafkaSettingNames.resolved(key);
        int scope = resolved.indexOf(':') + 1;
        return new Setting(key, resolved.substring(0, scope), resolved.substring(scope), value, where);
    }

    Setting withKey(String other) {
        return new Setting(other, scope, name, value, where);
    }

    Setting with(String other) {
        return new Setting(key, scope, name, other, where);
    }

    /** Returns the error for this setting; the problem must not contain a secret. */
    IllegalArgumentException invalid(String problem) {
        return new IllegalArgumentException(where + ": " + key + ": " + problem);
    }
}
