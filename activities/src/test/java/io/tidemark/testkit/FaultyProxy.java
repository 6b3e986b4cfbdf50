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
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.requests.ApiVersionsResponse;
import org.jspecify.annotations.Nullable;

/**
 * A proxy between clients and a server that injects network faults. It forwards Kafka's requests and responses whole,
 * and reads the API key and the correlation id in their headers, so it can also drop the response to a chosen request.
 *
 * <p>To reach a broker through it, the broker needs a listener that advertises {@link #address}.
 */
public final class FaultyProxy implements AutoCloseable {
    private static final long LATENCY_NANOS = 150_000_000;
    private static final int SLOW_BYTES_PER_SECOND = 20_000;
    private static final int SLOW_CHUNK = 500;

    /** A network fault. */
    public enum Fault {
        /** Delays each request and each response by 150 ms. */
        LATENCY,
        /** 20,000 bytes a second, for each direction of each connection. */
        SLOW,
        /** Resets connections; new ones at their first request. */
        RESET,
        /**
         * Drops all data without closing the connections. Connections that were open or opened meanwhile stay dead
         * after the fault; clients only notice by a timeout.
         */
        HALF_OPEN,
        /** Closes connections and refuses new ones. */
        DOWN
    }

    /** More than a packet, less than a message. */
    private static final int CHUNK = 16_384;

    private final int port = Ports.free();
    /** True if the traffic is Kafka's protocol, false if it is any bytes. */
    private final boolean kafka;

    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private volatile @Nullable Fault fault;
    private volatile @Nullable InetSocketAddress broker;
    private @Nullable ServerSocket server;

    /** How many requests there were, by API key. */
    private final Map<Integer, Integer> requests = new ConcurrentHashMap<>();

    private final AtomicInteger accepted = new AtomicInteger();
    private volatile int keyToHide = -1;

    private volatile int keyToLose = -1;
    private volatile boolean downAfterLoss;
    private volatile boolean answerLost;
    private final AtomicInteger requestsUntilLoss = new AtomicInteger();

    /** Creates a listening proxy to a Kafka broker. */
    public FaultyProxy() {
        this(true);
    }

    private FaultyProxy(boolean kafka) {
        this.kafka = kafka;
        listen();
    }

    /** Returns a proxy to any server, such as Temporal's; it cannot drop single responses. */
    public static FaultyProxy ofBytes(String address) {
        FaultyProxy proxy = new FaultyProxy(false);
        proxy.to(address);
        return proxy;
    }

    /** Returns {@code host:port} for clients; it never changes. */
    public String address() {
        return "127.0.0.1:" + port;
    }

    /** Sets the broker's address, {@code host:port}. */
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

    /** Ends any fault; connections that it broke stay dead. */
    public synchronized void heal() {
        if (fault == Fault.DOWN) {
            listen();
        }
        fault = null;
        keyToLose = -1;
    }

    /**
     * Drops a response: forwards the request, and when the broker responds, closes the connection instead.
     *
     * @param apiKey of the request
     * @param nth which of the following responses to drop; 1 is the next one
     * @param thenDown whether the network is {@link Fault#DOWN} from then on, so that no client can retry
     */
    public synchronized void loseAnswer(ApiKeys apiKey, int nth, boolean thenDown) {
        answerLost = false;
        downAfterLoss = thenDown;
        requestsUntilLoss.set(nth);
        keyToLose = apiKey.id;
    }

    /** Returns true if the response of {@link #loseAnswer} was dropped. */
    public boolean answerLost() {
        return answerLost;
    }

    /** Returns how many connections were opened so far. */
    public int connections() {
        return accepted.get();
    }

    /** Returns which requests there were so far. */
    public Set<ApiKeys> requests() {
        return requests.keySet().stream().map(ApiKeys::forId).collect(Collectors.toSet());
    }

    /** Lets the broker appear older: it does not know this request. Null ends it; applies to new connections. */
    public void hide(@Nullable ApiKeys apiKey) {
        keyToHide = apiKey == null ? -1 : apiKey.id;
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
                accepted.incrementAndGet();
                connection.dead = fault == Fault.HALF_OPEN;
                daemon("proxy-up", connection::up);
            }
        } catch (IOException closed) {
            // The proxy was closed, or the fault is DOWN.
        }
    }

    /** A client's connection and the proxy's connection to the broker for it. */
    private final class Connection {
        private final Socket client;
        private final Socket toBroker = new Socket();
        /** Correlation ids of the responses to drop. */
        private final Set<Integer> toLose = ConcurrentHashMap.newKeySet();
        /** The versions of requests for the broker's API versions, by correlation id. */
        private final Map<Integer, Short> versionsAsked = new ConcurrentHashMap<>();

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
                // Either side has closed its connection.
            } finally {
                close();
            }
        }

        private void down() {
            try {
                pass(toBroker, client, this::response);
            } catch (IOException e) {
                // Either side has closed its connection.
            } finally {
                close();
            }
        }

        private void pass(Socket from, Socket to, Inspection inspection) throws IOException {
            DataInputStream in = new DataInputStream(from.getInputStream());
            DataOutputStream out = new DataOutputStream(to.getOutputStream());
            while (true) {
                byte[] frame = kafka ? frame(in) : chunk(in);
                if (kafka && from == toBroker && keyToHide >= 0) {
                    frame = withoutHidden(frame);
                }
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

        private byte[] withoutHidden(byte[] response) {
            Short version = versionsAsked.remove(ByteBuffer.wrap(response).getInt());
            if (version == null) {
                return response;
            }
            ByteBuffer body = ByteBuffer.wrap(response);
            body.getInt();
            ApiVersionsResponseData data = ApiVersionsResponse.parse(new ByteBufferAccessor(body), version)
                    .data();
            data.apiKeys().removeIf(each -> each.apiKey() == keyToHide);
            ByteBuffer changed = MessageUtil.toByteBufferAccessor(data, version).buffer();
            return ByteBuffer.allocate(Integer.BYTES + changed.remaining())
                    .putInt(ByteBuffer.wrap(response).getInt())
                    .put(changed)
                    .array();
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
            if (!kafka) {
                return true;
            }
            // Api key, api version, correlation id.
            int key = header.getShort();
            requests.merge(key, 1, Integer::sum);
            if (key == ApiKeys.API_VERSIONS.id) {
                versionsAsked.put(header.getInt(4), header.getShort(2));
            }
            if (key == keyToLose && requestsUntilLoss.decrementAndGet() == 0) {
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

    /** Inspects a request or a response; false closes the connection. */
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
