package io.tidemark.check;

import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
import io.tidemark.run.FailureKind;
import io.tidemark.run.TidemarkException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The topics that jobs may write to, as the worker's operator defines: a job can name any topic, and the worker's Kafka
 * user may have more rights than the person who starts the run. A job may always write to its own state topic.
 *
 * @param names topic names, in which {@code *} matches any characters
 */
public record OutputTopics(List<String> names) {
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9._*-]+");

    /** Allows all topics. */
    public static final OutputTopics ANY = new OutputTopics(List.of("*"));

    /**
     * Rejects names that no topic can have.
     *
     * @throws IllegalArgumentException with the invalid name
     */
    public OutputTopics {
        names = List.copyOf(names);
        for (String each : names) {
            if (!NAME.matcher(each).matches()) {
                throw new IllegalArgumentException("--output-topics: '" + each
                        + "' is not a topic name (* matches any characters); separate names by commas, for example"
                        + " daily-*,bills");
            }
        }
    }

    /**
     * Parses a list such as {@code daily-*,bills}.
     *
     * @throws IllegalArgumentException with the invalid name
     */
    public static OutputTopics of(String list) {
        return new OutputTopics(
                Arrays.stream(list.split(",", -1)).map(String::strip).toList());
    }

    /**
     * Requires that the job may write to its output and dead-letter topics.
     *
     * @throws TidemarkException TOPIC_NOT_ALLOWED
     */
    public void require(JobSpec job) {
        String output = job.output().topic();
        List<String> wanted = new ArrayList<>(List.of(output));
        if (job.writesDeadLetters()) {
            wanted.add(JobNames.deadLetterTopic(output));
        }
        for (String topic : wanted) {
            if (names.stream().noneMatch(each -> matches(each, topic))) {
                throw new TidemarkException(
                        FailureKind.TOPIC_NOT_ALLOWED,
                        "job " + job.name() + " writes to topic " + topic
                                + ", but jobs of this worker may only write to "
                                + this
                                + " (worker --output-topics); change output.topic, or ask the workers' operator to add the"
                                + " topic");
            }
        }
    }

    private static boolean matches(String name, String topic) {
        return Pattern.matches(
                Arrays.stream(name.split("\\*", -1))
                        .map(Pattern::quote)
                        .reduce((a, b) -> a + ".*" + b)
                        .orElseThrow(),
                topic);
    }

    @Override
    public String toString() {
        return String.join(",", names);
    }
}
