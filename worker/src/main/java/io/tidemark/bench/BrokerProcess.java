package io.tidemark.bench;

import io.tidemark.embedded.EmbeddedKafka;
import java.io.IOException;

/** An embedded broker in a JVM of its own: says where it listens, and runs until its standard input ends. */
final class BrokerProcess {

    private BrokerProcess() {}

    @SuppressWarnings("SystemOut") // Its parent reads the line.
    public static void main(String[] arguments) throws IOException {
        try (EmbeddedKafka kafka = EmbeddedKafka.startDefault()) {
            // Also where the parent was killed: its end of the pipe closes with it.
            Runtime.getRuntime().addShutdownHook(new Thread(kafka::close));
            System.out.println(kafka.bootstrapServers());
            while (System.in.read() != -1) {
                // Nothing is asked of it.
            }
        }
        // Threads that the broker leaves behind would keep the process.
        System.exit(0);
    }
}
