package io.tidemark.embedded;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/** Finds free ports on the loopback address, for servers that need to know their port before they open it. */
public final class Ports {

    // Below the ephemeral ports of Linux (32768) and macOS (49152): outgoing connections cannot take one of these ports
    // before the server binds it, nor while a broker restarts.
    private static final int LOWEST = 20_000;
    private static final int HIGHEST = 32_000;
    private static final int TRIES = 200;

    private Ports() {}

    /** Returns a port that no process uses at this moment. */
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

    /** Returns {@code preferred} if it is free, otherwise any free port. */
    public static int preferredOrFree(int preferred) {
        return isFree(preferred) ? preferred : free();
    }

    /** Returns whether a server could bind {@code port} of the loopback address now. */
    public static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            // Servers set this option too: a port with connections in TIME_WAIT is free.
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1);
            return true;
        } catch (IOException inUse) {
            return false;
        }
    }
}
