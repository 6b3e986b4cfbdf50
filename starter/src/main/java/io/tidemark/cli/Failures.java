package io.tidemark.cli;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.tidemark.settings.Refusals;
import io.tidemark.settings.RejectedSettings;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.TimeoutException;

/** Turns exceptions into error messages. */
final class Failures {
    private Failures() {}

    /** Returns the error for a request that the Temporal server did not answer or refused. */
    static CliException temporal(String address, Status status) {
        String detail = status.getDescription() == null ? "" : " (" + status.getDescription() + ")";
        return switch (status.getCode()) {
            case UNAVAILABLE, DEADLINE_EXCEEDED, CANCELLED ->
                CliException.away("no Temporal server answers at " + address
                        + "; start one with ./tidemark demo --keep or temporal"
                        + " server start-dev, or name another with --address");
            default -> CliException.failed(refusal(address, status.getCode(), detail));
        };
    }

    private static String refusal(String address, Status.Code code, String detail) {
        return switch (code) {
            case UNAUTHENTICATED, PERMISSION_DENIED ->
                "the Temporal server at " + address + " refuses this client" + detail
                        + "; check TEMPORAL_API_KEY, the TLS settings and the namespace";
            case UNIMPLEMENTED ->
                "the Temporal server at " + address
                        + " does not support this: it is the in-memory server, which"
                        + " has no schedules and no lists; start a real one with temporal server start-dev";
            case NOT_FOUND -> "the Temporal server at " + address + " does not have what was asked for" + detail;
            case INVALID_ARGUMENT -> "the Temporal server at " + address + " refuses the request" + detail;
            default ->
                "the Temporal server at " + address + " answers " + code.name().toLowerCase(Locale.ROOT) + detail;
        };
    }

    /** Returns the error for any exception of a command. */
    static CliException explain(Throwable thrown, String temporalAddress) {
        for (Throwable cause : causes(thrown)) {
            if (cause instanceof CliException known) {
                return known;
            } else if (cause instanceof RejectedSettings settings) {
                return CliException.usage(String.valueOf(settings.getMessage()));
            } else if (cause instanceof StatusRuntimeException rpc) {
                return temporal(temporalAddress, rpc.getStatus());
            } else if (cause instanceof KafkaException kafka) {
                return kafka instanceof TimeoutException
                        ? CliException.away(kafka(kafka))
                        : CliException.failed(kafka(kafka));
            }
        }
        return CliException.failed(thrown + "; run the command with --stack-trace to see where");
    }

    private static String kafka(KafkaException e) {
        if (e instanceof TimeoutException) {
            return "Kafka does not answer in time (" + e.getMessage()
                    + "); check bootstrap.servers and security.protocol";
        } else if (e instanceof AuthenticationException) {
            return "Kafka refuses the credentials (" + Refusals.reason(e)
                    + "); check security.protocol and the sasl.* and ssl.* settings";
        } else if (e instanceof AuthorizationException) {
            return "Kafka does not permit this: " + e.getMessage();
        }
        return "Kafka error: " + e.getMessage();
    }

    /** Returns an exception and its causes, the outermost first. */
    static Iterable<Throwable> causes(Throwable thrown) {
        Deque<Throwable> causes = new ArrayDeque<>();
        for (Throwable each = thrown; each != null && causes.size() < 20; each = each.getCause()) {
            causes.add(each);
        }
        return causes;
    }
}
