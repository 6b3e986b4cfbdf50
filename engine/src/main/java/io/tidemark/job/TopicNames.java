package io.tidemark.job;

import java.util.regex.Pattern;

/** The rule of Kafka for names of topics (org.apache.kafka.common.internals.Topic), so that a job fails at the door. */
final class TopicNames {
    private static final Pattern LEGAL = Pattern.compile("[a-zA-Z0-9._-]{1,249}");

    private TopicNames() {}

    static void check(String path, String topic) {
        if (!LEGAL.matcher(topic).matches() || topic.equals(".") || topic.equals("..")) {
            throw new InvalidJobException(
                    path,
                    "'" + topic + "' is not a topic name: 1 to 249 characters of a-z, A-Z, 0-9, '.', '_' and '-'");
        }
    }
}
