package io.tidemark.embedded;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/** Finds ports on the loopback address for servers that must know their port before they open it. */
public final class Ports {

    // Below the ephemeral ports of Linux (32768) and macOS (49152): no outgoing connection takes one of these between
    // our look and the server's bind, nor while a broker is down for a restart.
    private static final int LOWEST = 20_000;
    private static final int HIGHEST = 32_000;
    private static final int TRIES = 200;

    private Ports() {}

    /** A port that nobody listens on at this moment. */
    public static int free() {
        for (int i = 0; i < TRIES; i++) {
            int port = ThreadLocalRandom.current().nextInt(LOWEST, HIGHEST);
            if (isFree(port)) {
                return port;
            }
        }
        throw new IllegalStateException(
                "no free port found between " + LOWEST + " and " + HIGHEST + " in " + TRIES + " tries");
    }

    /** {@code preferred} where nobody listens on it, else any free port. */
    public static int preferredOrFree(int preferred) {
        return isFree(preferred) ? preferred : free();
    }

    /** Whether a server could listen on {@code port} of the loopback address now. */
    public static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            // As servers do: a port whose last connections are still in TIME_WAIT is free.
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1);
            return true;
        } catch (IOException inUse) {
            return false;
        }
    }
}
