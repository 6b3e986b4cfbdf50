package io.tidemark.kafka.client;

import io.tidemark.run.FailureKind;
import io.tidemark.run.TidemarkException;
import io.tidemark.settings.Refusals;
import io.tidemark.settings.RejectedSettings;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidGroupIdException;
import org.apache.kafka.common.errors.InvalidPartitionsException;
import org.apache.kafka.common.errors.InvalidPidMappingException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.InvalidTxnStateException;
import org.apache.kafka.common.errors.InvalidTxnTimeoutException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.SecurityDisabledException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.errors.UnsupportedCompressionTypeException;
import org.apache.kafka.common.errors.UnsupportedForMessageFormatException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.jspecify.annotations.Nullable;

/**
 * Waits for answers of the admin client, and translates every failure of Kafka into a {@link TidemarkException} with a
 * kind and a message.
 */
public final class KafkaCalls {
    /** Longer than the admin client's own timeouts, whose errors say more. */
    private static final long SECONDS = 35;

    /** Errors that a retry cannot fix. */
    private static final List<Class<? extends RuntimeException>> PERMANENT = List.of(
            ConfigException.class,
            InvalidConfigurationException.class,
            InvalidGroupIdException.class,
            InvalidPartitionsException.class,
            InvalidRecordException.class,
            InvalidReplicationFactorException.class,
            InvalidRequestException.class,
            InvalidTopicException.class,
            InvalidTxnTimeoutException.class,
            PolicyViolationException.class,
            SecurityDisabledException.class,
            UnsupportedCompressionTypeException.class,
            UnsupportedForMessageFormatException.class,
            UnsupportedVersionException.class);

    private KafkaCalls() {}

    /** Returns the answer, after at most 35 s; {@code what} names the request in a failure's message. */
    public static <T> T get(String what, KafkaFuture<T> future) {
        return get(what, future, null);
    }

    /** The same; {@code needed} are the rights that the message names if Kafka denies access. */
    public static <T> T get(String what, KafkaFuture<T> future, @Nullable Access needed) {
        try {
            return future.get(SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptException(e);
        } catch (ExecutionException e) {
            throw named(what, e.getCause() == null ? e : e.getCause(), needed);
        } catch (TimeoutException e) {
            throw named(what, e, needed);
        }
    }

    /**
     * Translates a failure.
     *
     * @param what what was being done, such as {@code state of readings[3]}
     */
    public static TidemarkException named(String what, Throwable failure) {
        return named(what, failure, null);
    }

    /** The same; {@code needed} are the rights that the message names if Kafka denies access. */
    public static TidemarkException named(String what, Throwable failure, @Nullable Access needed) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            Throwable each = typed(cause);
            if (each instanceof TidemarkException known) {
                return known;
            }
            FailureKind kind = kind(each);
            if (kind != null) {
                return new TidemarkException(kind, what + ": " + sentence(kind, each, needed), failure);
            }
        }
        FailureKind kind = failure instanceof KafkaException || failure instanceof TimeoutException
                ? FailureKind.KAFKA_UNAVAILABLE
                : FailureKind.UNEXPECTED;
        return new TidemarkException(kind, what + ": " + sentence(kind, failure, needed), failure);
    }

    /**
     * Returns the typed error that an untyped one stands for. A producer throws an error that it does not expect as a
     * bare {@code KafkaException} whose message ends with the error's own message; without this method, the two errors
     * here would count as an unavailable broker. If a broker goes away while an admin client asks all brokers, the
     * client's retry fails with an {@code IllegalArgumentException}.
     */
    private static Throwable typed(Throwable failure) {
        String said = String.valueOf(failure.getMessage());
        if (failure.getClass() == KafkaException.class && said.startsWith("Unexpected error in ")) {
            if (said.contains("Topic authorization failed")) {
                return new TopicAuthorizationException(said);
            } else if (said.contains("transaction.max.timeout.ms")) {
                return new InvalidTxnTimeoutException(said);
            }
        }
        if (failure instanceof IllegalArgumentException && said.startsWith("Unexpected key set: [BrokerKey")) {
            return new DisconnectException("a broker went away during a request to all brokers");
        }
        return failure;
    }

    private static @Nullable FailureKind kind(Throwable failure) {
        if (failure instanceof RejectedSettings settings) {
            return settings.temporary() ? FailureKind.KAFKA_UNAVAILABLE : FailureKind.REFUSED_BY_KAFKA;
        } else if (failure instanceof AuthenticationException) {
            return FailureKind.NOT_AUTHENTICATED;
        } else if (failure instanceof AuthorizationException) {
            return FailureKind.NOT_AUTHORIZED;
        } else if (failure instanceof ProducerFencedException
                || failure instanceof InvalidProducerEpochException
                || failure instanceof InvalidPidMappingException
                || failure instanceof InvalidTxnStateException) {
            return FailureKind.FENCED;
        } else if (failure instanceof RecordTooLargeException) {
            return FailureKind.RECORD_TOO_LARGE;
        } else if (failure instanceof UnknownTopicOrPartitionException) {
            return FailureKind.TOPIC_MISSING;
        } else if (PERMANENT.stream().anyMatch(each -> each.isInstance(failure))) {
            return FailureKind.REFUSED_BY_KAFKA;
        } else if (failure instanceof RetriableException || failure instanceof TimeoutException) {
            return FailureKind.KAFKA_UNAVAILABLE;
        }
        return null;
    }

    private static String sentence(FailureKind kind, Throwable failure, @Nullable Access needed) {
        return switch (kind) {
            case NOT_AUTHORIZED ->
                "Kafka denied access: " + (needed == null ? unknown(failure) : missing(failure, needed));
            case NOT_AUTHENTICATED ->
                "Kafka refused the worker's credentials (" + Refusals.reason(failure)
                        + "); check security.protocol and the sasl.* and ssl.* settings";
            case FENCED ->
                "this attempt can no longer commit, because a newer attempt has fenced it or the broker has aborted its"
                        + " transaction (" + failure.getClass().getSimpleName() + ")";
            case RECORD_TOO_LARGE -> "a record is larger than the topic's max.message.bytes: " + failure.getMessage();
            case TOPIC_MISSING -> "the topic or partition does not exist";
            case REFUSED_BY_KAFKA -> refusal(failure);
            default -> failure.getClass().getSimpleName() + ": " + failure.getMessage();
        };
    }

    private static String refusal(Throwable failure) {
        String said = failure.getClass().getSimpleName() + ": " + failure.getMessage();
        if (failure instanceof RejectedSettings) {
            return failure.getMessage() + "; correct the worker's Kafka settings and restart the worker";
        } else if (failure instanceof ConfigException) {
            return said + "; correct the worker's Kafka settings and restart the worker";
        } else if (failure instanceof InvalidTopicException) {
            return said + "; choose a valid topic name";
        } else if (failure instanceof InvalidTxnTimeoutException) {
            return said + "; lower transaction.timeout.ms in the worker's settings, or raise"
                    + " transaction.max.timeout.ms of the brokers";
        } else if (failure instanceof UnsupportedVersionException) {
            return said + "; the brokers are too old: upgrade them";
        }
        return said + "; a setting or policy of the brokers forbids this, ask the cluster's administrator";
    }

    /**
     * The call defines which rights are missing. If the error names another resource than the call's, the message names
     * that one.
     */
    private static String missing(Throwable failure, Access needed) {
        if (failure instanceof TopicAuthorizationException topics
                && topics.unauthorizedTopics().size() == 1) {
            return needed.onTopic(topics.unauthorizedTopics().iterator().next()).sentence();
        } else if (failure instanceof GroupAuthorizationException group && group.groupId() != null) {
            return needed.onGroup(group.groupId()).sentence();
        }
        return needed.sentence();
    }

    private static String unknown(Throwable failure) {
        return "the worker's user lacks an ACL (" + failure.getMessage() + "); ./tidemark validate JOB lists all rights"
                + " that a job needs";
    }
}
