package io.tidemark.job;

import java.util.Locale;

/**
 * What is read.
 *
 * @param topic the input topic
 * @param timestamp where the event time of a record comes from
 * @param dataLoss what a run does where retention removed records before they were read
 * @param openTransactions what a run does where others have transactions open in the topic
 */
public record InputSpec(String topic, TimestampSpec timestamp, DataLoss dataLoss, OpenTransactions openTransactions) {
    /** What a run does where retention removed records before they were read. */
    public enum DataLoss {
        /** The partition fails, and nothing more of it is read until somebody decides. */
        FAIL,
        /** It goes on with the first record that is left; the lost offsets are counted and told. */
        CONTINUE;

        /** The name in a job file. */
        public String jsonName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** What a run does where a transaction that is open keeps records behind it from every reader. */
    public enum OpenTransactions {
        /** It takes what lies before, and says how much it leaves. */
        PROCEED,
        /** It waits for everything that is there when it begins, at most for its own time. */
        WAIT;

        /** The name in a job file. */
        public String jsonName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Refuses a name that Kafka would not take. */
    public InputSpec {
        TopicNames.check("input.topic", topic);
    }
}
