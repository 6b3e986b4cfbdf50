package io.tidemark.settings;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * Finds out what a broker's port expects. A broker closes the connection of a client with another
 * {@code security.protocol}, so the client sees only timeouts. Sends no setting and no secret.
 *
 * @param tls whether the port speaks TLS
 * @param mechanisms the SASL mechanisms that it offers; empty if it asks for no login
 */
record ListenerProbe(boolean tls, List<String> mechanisms) {
    private static final int TIMEOUT_MILLIS = 3_000;
    private static final int LARGEST_ANSWER = 1 << 20;
    private static final int CORRELATION = 0x71DE;
    private static final short SASL_HANDSHAKE = 17;
    private static final short API_VERSIONS = 18;

    /** Returns what the port expects, or empty if it does not behave like a port of Kafka. */
    static Optional<ListenerProbe> of(String host, int port) {
        try (Socket plain = connect(host, port)) {
            return Optional.of(new ListenerProbe(false, mechanisms(plain)));
        } catch (IOException | RuntimeException e) {
            // It may speak TLS.
        }
        try (Socket plain = connect(host, port);
                Socket secure = anyone().getSocketFactory().createSocket(plain, host, port, true)) {
            ((javax.net.ssl.SSLSocket) secure).startHandshake();
            return Optional.of(new ListenerProbe(true, mechanismsIfAsked(secure)));
        } catch (IOException | GeneralSecurityException | RuntimeException e) {
            return Optional.empty();
        }
    }

    /** Returns whether a connection can be made. */
    static boolean answers(String host, int port) {
        try (Socket connected = connect(host, port)) {
            return connected.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    /** Returns the value of {@code security.protocol} that fits. */
    String protocol() {
        return (mechanisms.isEmpty() ? "" : "SASL_") + (tls ? "SSL" : "PLAINTEXT");
    }

    /** Returns a description such as {@code TLS and a login with PLAIN or SCRAM-SHA-512}. */
    String description() {
        String login = mechanisms.isEmpty() ? "no login" : "a login with " + String.join(" or ", mechanisms);
        return (tls ? "TLS" : "no TLS") + " and " + login;
    }

    private static Socket connect(String host, int port) throws IOException {
        Socket socket = new Socket();
        try {
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.connect(new InetSocketAddress(host, port), TIMEOUT_MILLIS);
            return socket;
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    /** A broker that wants a client certificate ends the connection after the handshake. It asks for no login then. */
    private static List<String> mechanismsIfAsked(Socket secure) {
        try {
            return mechanisms(secure);
        } catch (IOException e) {
            return List.of();
        }
    }

    private static List<String> mechanisms(Socket socket) throws IOException {
        // Answered by every port of Kafka without a login, in this version by every broker.
        request(socket, API_VERSIONS, (short) 0, new byte[0]);
        byte[] name = "NONE".getBytes(StandardCharsets.US_ASCII);
        ByteBuffer answer;
        try {
            answer = request(
                    socket,
                    SASL_HANDSHAKE,
                    (short) 1,
                    ByteBuffer.allocate(2 + name.length)
                            .putShort((short) name.length)
                            .put(name)
                            .array());
        } catch (IOException e) {
            return List.of();
        }
        answer.getShort(); // the error: such a mechanism is not offered
        List<String> mechanisms = new ArrayList<>();
        for (int left = answer.getInt(); left > 0; left--) {
            byte[] text = new byte[answer.getShort()];
            answer.get(text);
            mechanisms.add(new String(text, StandardCharsets.UTF_8));
        }
        return List.copyOf(mechanisms);
    }

    private static ByteBuffer request(Socket socket, short api, short version, byte[] body) throws IOException {
        DataOutputStream out = new DataOutputStream(socket.getOutputStream());
        ByteBuffer request = ByteBuffer.allocate(4 + 10 + body.length);
        request.putInt(10 + body.length).putShort(api).putShort(version).putInt(CORRELATION);
        request.putShort((short) -1).put(body);
        out.write(request.array());
        out.flush();
        DataInputStream in = new DataInputStream(socket.getInputStream());
        int length = in.readInt();
        if (length < 4 || length > LARGEST_ANSWER || in.readInt() != CORRELATION) {
            throw new IOException("not an answer of Kafka");
        }
        return ByteBuffer.wrap(in.readNBytes(length - 4));
    }

    /** Returns TLS that trusts any server, which is enough to find out whether it speaks TLS. */
    private static SSLContext anyone() throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new Anyone()}, null);
        return context;
    }

    private static final class Anyone implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
