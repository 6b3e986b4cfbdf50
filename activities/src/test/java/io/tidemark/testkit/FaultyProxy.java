package io.tidemark.testkit;

import io.tidemark.embedded.Ports;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.common.protocol.ApiKeys;
import org.jspecify.annotations.Nullable;

/**
 * Stands between clients and a server and does what networks do. Of Kafka it passes on whole requests and responses, of
 * whose headers it knows the API key and the correlation id, so it can also lose the answer to a chosen request.
 *
 * <p>A broker is reached through it by a listener that advertises {@link #address}.
 */
public final class FaultyProxy implements AutoCloseable {
    private static final long LATENCY_NANOS = 150_000_000;
    private static final int SLOW_BYTES_PER_SECOND = 20_000;
    private static final int SLOW_CHUNK = 500;

    /** What can be wrong with a network. */
    public enum Fault {
        /** Each request and each answer is late by 150 ms. */
        LATENCY,
        /** 20,000 bytes a second, for each direction of each connection. */
        SLOW,
        /** Connections are reset, new ones with their first request. */
        RESET,
        /**
         * Whatever is sent is swallowed. What was open or opened meanwhile stays dead when the fault is over, and nobody
         * is told: only a timeout finds out.
         */
        HALF_OPEN,
        /** Connections are closed, new ones refused. */
        DOWN
    }

    /** More than a packet, less than a message. */
    private static final int CHUNK = 16_384;

    private final int port = Ports.free();
    /** Whether what passes are Kafka's requests and answers, or any bytes. */
    private final boolean kafka;

    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private volatile @Nullable Fault fault;
    private volatile @Nullable InetSocketAddress broker;
    private @Nullable ServerSocket server;

    private volatile int keyToLose = -1;
    private volatile boolean downAfterLoss;
    private volatile boolean answerLost;
    private final AtomicInteger requestsUntilLoss = new AtomicInteger();

    /** A proxy to a Kafka broker, which listens. */
    public FaultyProxy() {
        this(true);
    }

    private FaultyProxy(boolean kafka) {
        this.kafka = kafka;
        listen();
    }

    /** A proxy to a server of any kind, such as Temporal's; it cannot lose single answers. */
    public static FaultyProxy ofBytes(String address) {
        FaultyProxy proxy = new FaultyProxy(false);
        proxy.to(address);
        return proxy;
    }

    /** {@code host:port} for clients, the same for the proxy's life. */
    public String address() {
        return "127.0.0.1:" + port;
    }

    /** Says where the broker is, {@code host:port}. */
    public void to(String address) {
        int colon = address.lastIndexOf(':');
        broker = new InetSocketAddress(address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)));
    }

    /** Begins a fault; {@link #heal} ends it. */
    public synchronized void begin(Fault begun) {
        fault = begun;
        switch (begun) {
            case RESET -> connections.forEach(Connection::reset);
            case HALF_OPEN -> connections.forEach(each -> each.dead = true);
            case DOWN -> {
                close(server);
                connections.forEach(Connection::close);
            }
            case LATENCY, SLOW -> {}
        }
    }

    /** Ends any fault; connections that it killed stay dead. */
    public synchronized void heal() {
        if (fault == Fault.DOWN) {
            listen();
        }
        fault = null;
        keyToLose = -1;
    }

    /**
     * Loses an answer: the request is passed on, and when the broker has answered, the connection is closed instead.
     *
     * @param apiKey of the request
     * @param nth which of the answers that come from now on; 1 is the next
     * @param thenDown whether the network is {@link Fault#DOWN} from that moment, so that nobody can ask again
     */
    public synchronized void loseAnswer(ApiKeys apiKey, int nth, boolean thenDown) {
        answerLost = false;
        downAfterLoss = thenDown;
        requestsUntilLoss.set(nth);
        keyToLose = apiKey.id;
    }

    /** Whether the answer that {@link #loseAnswer} asked for is lost. */
    public boolean answerLost() {
        return answerLost;
    }

    private void listen() {
        try {
            ServerSocket listening = new ServerSocket();
            listening.setReuseAddress(true);
            listening.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            server = listening;
            daemon("proxy-" + port, () -> accept(listening));
        } catch (IOException e) {
            throw new UncheckedIOException("the proxy cannot listen on port " + port, e);
        }
    }

    private void accept(ServerSocket listening) {
        try {
            while (true) {
                Connection connection = new Connection(listening.accept());
                connections.add(connection);
                connection.dead = fault == Fault.HALF_OPEN;
                daemon("proxy-up", connection::up);
            }
        } catch (IOException closed) {
            // The end, or DOWN.
        }
    }

    /** A client's connection, and ours to the broker for it. */
    private final class Connection {
        private final Socket client;
        private final Socket toBroker = new Socket();
        /** Correlation ids whose answers are to be lost. */
        private final Set<Integer> toLose = ConcurrentHashMap.newKeySet();

        private volatile boolean dead;

        Connection(Socket client) {
            this.client = client;
        }

        void up() {
            try {
                client.setTcpNoDelay(true);
                toBroker.setTcpNoDelay(true);
                toBroker.connect(broker);
                daemon("proxy-down", this::down);
                pass(client, toBroker, this::request);
            } catch (IOException e) {
                // Either side has gone.
            } finally {
                close();
            }
        }

        private void down() {
            try {
                pass(toBroker, client, this::response);
            } catch (IOException e) {
                // Either side has gone.
            } finally {
                close();
            }
        }

        private void pass(Socket from, Socket to, Inspection inspection) throws IOException {
            DataInputStream in = new DataInputStream(from.getInputStream());
            DataOutputStream out = new DataOutputStream(to.getOutputStream());
            while (true) {
                byte[] frame = kafka ? frame(in) : chunk(in);
                if (dead) {
                    continue;
                }
                if (!inspection.passes(ByteBuffer.wrap(frame))) {
                    return;
                }
                if (fault == Fault.LATENCY) {
                    LockSupport.parkNanos(LATENCY_NANOS);
                }
                if (kafka) {
                    out.writeInt(frame.length);
                }
                int sent = 0;
                while (sent < frame.length) {
                    boolean slow = fault == Fault.SLOW;
                    int length = slow ? Math.min(SLOW_CHUNK, frame.length - sent) : frame.length - sent;
                    if (slow) {
                        LockSupport.parkNanos(length * 1_000_000_000L / SLOW_BYTES_PER_SECOND);
                    }
                    out.write(frame, sent, length);
                    sent += length;
                }
            }
        }

        private byte[] frame(DataInputStream in) throws IOException {
            byte[] frame = new byte[in.readInt()];
            in.readFully(frame);
            return frame;
        }

        private byte[] chunk(DataInputStream in) throws IOException {
            byte[] chunk = new byte[CHUNK];
            int length = in.read(chunk);
            if (length < 0) {
                throw new EOFException();
            }
            return Arrays.copyOf(chunk, length);
        }

        private boolean request(ByteBuffer header) {
            if (fault == Fault.RESET) {
                reset();
                return false;
            }
            // Api key, api version, correlation id.
            if (kafka && header.getShort() == keyToLose && requestsUntilLoss.decrementAndGet() == 0) {
                toLose.add(header.getInt(4));
            }
            return true;
        }

        private boolean response(ByteBuffer header) {
            if (!kafka || !toLose.contains(header.getInt())) {
                return true;
            }
            if (downAfterLoss) {
                begin(Fault.DOWN);
            }
            answerLost = true;
            return false;
        }

        /** The peer reads an error, not an end. */
        void reset() {
            try {
                client.setSoLinger(true, 0);
            } catch (IOException e) {
                // Closed already.
            }
            close();
        }

        void close() {
            connections.remove(this);
            FaultyProxy.close(client);
            FaultyProxy.close(toBroker);
        }
    }

    /** Looks at a request or a response; false ends the connection. */
    private interface Inspection {
        boolean passes(ByteBuffer frame);
    }

    private static void daemon(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    private static void close(@Nullable AutoCloseable each) {
        try {
            if (each != null) {
                each.close();
            }
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public synchronized void close() {
        close(server);
        connections.forEach(Connection::close);
    }
}
