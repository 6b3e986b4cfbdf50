package io.tidemark.check;

import io.tidemark.job.BadRecordSpec.Policy;
import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
import io.tidemark.run.FailureKind;
import io.tidemark.run.TidemarkException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The topics that jobs may write to, by the worker's own word: who may start a run names any topic in its job, and the
 * worker's user in Kafka may be allowed more than they are. A job's state topic is always its own.
 *
 * @param names names of topics, in which {@code *} stands for any characters
 */
public record OutputTopics(List<String> names) {
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9._*-]+");

    /** No limit but Kafka's own. */
    public static final OutputTopics ANY = new OutputTopics(List.of("*"));

    /** Refuses what no topic could be called. */
    public OutputTopics {
        names = List.copyOf(names);
        for (String each : names) {
            if (!NAME.matcher(each).matches()) {
                throw new IllegalArgumentException("--output-topics: '" + each
                        + "' is not the name of a topic, in which * stands for any characters; names are separated by"
                        + " commas, such as daily-*,bills");
            }
        }
    }

    /**
     * Reads a list such as {@code daily-*,bills}.
     *
     * @throws IllegalArgumentException naming what is not a name
     */
    public static OutputTopics of(String list) {
        return new OutputTopics(
                Arrays.stream(list.split(",", -1)).map(String::strip).toList());
    }

    /**
     * Makes sure that the job may write where it would.
     *
     * @throws TidemarkException TOPIC_NOT_ALLOWED
     */
    public void require(JobSpec job) {
        String output = job.output().topic();
        List<String> wanted = new ArrayList<>(List.of(output));
        if (job.badRecords().policy() == Policy.DEAD_LETTER) {
            wanted.add(JobNames.deadLetterTopic(output));
        }
        for (String topic : wanted) {
            if (names.stream().noneMatch(each -> matches(each, topic))) {
                throw new TidemarkException(
                        FailureKind.TOPIC_NOT_ALLOWED,
                        "job " + job.name() + " writes to topic " + topic + ", and jobs of this worker may write to "
                                + this
                                + " only (worker --output-topics); take another output.topic, or ask who runs the"
                                + " workers to add it");
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
