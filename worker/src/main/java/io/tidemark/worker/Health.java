package io.tidemark.worker;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a worker knows of its own health. It is ready while Temporal answers its polls, a broker answers, and the folder of
 * staged files can be written; it is alive while its housekeeping is. Alive does not depend on other servers: a restart of
 * the process would not bring these back. Safe for use by several threads.
 */
final class Health implements AutoCloseable {
    /** Pause between two probes of Kafka and of the folder. */
    private static final Duration PROBE_EVERY = Duration.ofSeconds(15);

    /** Four probes. A broker that restarts is away for seconds. */
    static final Duration LIMIT = Duration.ofMinutes(1);

    /** Temporal answers a poll without a task after a minute. This is two such polls and 10 s. */
    static final Duration POLL_LIMIT = Duration.ofSeconds(130);

    /** Housekeeping runs every minute. A sweep of a large staging folder may take a few. */
    static final Duration HOUSEKEEPING_LIMIT = Duration.ofMinutes(10);

    private final Sign polls;
    private final Sign kafka;
    private final Sign staging;
    private final Sign housekeeping;
    private final ScheduledExecutorService probes = Executors.newScheduledThreadPool(2, task -> {
        Thread thread = new Thread(task, "tidemark-health");
        thread.setDaemon(true);
        return thread;
    });
    private volatile boolean polling;

    /** A worker that does not poll yet and has just been seen healthy; {@code nanoTime} is the system's outside tests. */
    Health(LongSupplier nanoTime) {
        polls = new Sign("polling Temporal", POLL_LIMIT, nanoTime);
        kafka = new Sign("reaching Kafka", LIMIT, nanoTime);
        staging = new Sign("writing to the staging folder", LIMIT, nanoTime);
        housekeeping = new Sign("doing its housekeeping", HOUSEKEEPING_LIMIT, nanoTime);
    }

    /** Something that throws if it does not work. */
    @FunctionalInterface
    interface Probe {
        void run();
    }

    /** Records that the worker polls, or that it stops. */
    void polling(boolean polls) {
        if (polls) {
            Stream.of(this.polls, kafka, staging, housekeeping).forEach(Sign::seen);
        }
        polling = polls;
    }

    /** Records that the housekeeping thread works. */
    void housekeeping() {
        housekeeping.seen();
    }

    /** Probes Kafka and the folder of staged files now and then, each on a thread of its own, because either can hang. */
    void probe(Probe kafkaProbe, Probe stagingProbe) {
        schedule(kafka, kafkaProbe);
        schedule(staging, stagingProbe);
    }

    private void schedule(Sign sign, Probe probe) {
        var unused = probes.scheduleWithFixedDelay(
                () -> look(sign, probe), PROBE_EVERY.toMillis(), PROBE_EVERY.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Probes both once. */
    void look(Probe kafkaProbe, Probe stagingProbe) {
        look(kafka, kafkaProbe);
        look(staging, stagingProbe);
    }

    private static void look(Sign sign, Probe probe) {
        try {
            probe.run();
            sign.seen();
        } catch (RuntimeException e) {
            sign.failed(String.valueOf(e.getMessage()));
        }
    }

    /** Returns what keeps the worker from being ready, in one line each; empty if it is ready. */
    List<String> notReady() {
        return polling ? problems(polls, kafka, staging) : List.of("not polling");
    }

    /** Returns what shows that the process must be restarted; empty if it is alive. */
    List<String> notAlive() {
        return polling ? problems(housekeeping) : List.of();
    }

    private static List<String> problems(Sign... signs) {
        return Stream.of(signs).map(Sign::problem).filter(Objects::nonNull).toList();
    }

    /** Returns an interceptor of the requests to Temporal that records the answers to polls. */
    ClientInterceptor watchPolls() {
        return new ClientInterceptor() {
            @Override
            public <Q, A> ClientCall<Q, A> interceptCall(
                    MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
                ClientCall<Q, A> call = next.newCall(method, options);
                String name = String.valueOf(method.getBareMethodName());
                return name.startsWith("Poll") && name.endsWith("TaskQueue") ? new Poll<>(call) : call;
            }
        };
    }

    /** Records the answer of a poll. */
    private final class Poll<Q, A> extends SimpleForwardingClientCall<Q, A> {
        Poll(ClientCall<Q, A> call) {
            super(call);
        }

        @Override
        public void start(Listener<A> listener, Metadata headers) {
            super.start(
                    new SimpleForwardingClientCallListener<A>(listener) {
                        @Override
                        public void onClose(Status status, @Nullable Metadata trailers) {
                            polled(status);
                            super.onClose(status, trailers);
                        }
                    },
                    headers);
        }
    }

    void polled(Status status) {
        if (status.isOk()) {
            polls.seen();
        } else {
            polls.failed(status.getCode() + (status.getDescription() == null ? "" : " " + status.getDescription()));
        }
    }

    @Override
    public void close() {
        probes.shutdownNow();
    }
}
