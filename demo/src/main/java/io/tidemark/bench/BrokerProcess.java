package io.tidemark.bench;

import io.tidemark.embedded.EmbeddedKafka;

/** An embedded broker in its own JVM. Writes its address to standard output, and ends when its standard input does. */
final class BrokerProcess {

    private BrokerProcess() {}

    @SuppressWarnings("SystemOut") // The parent process reads the line.
    public static void main(String[] arguments) {
        System.out.println(EmbeddedKafka.startDefault().bootstrapServers());
        // No orderly shutdown: writing thousands of partitions to disk takes minutes, and nobody reads them again.
        ChildJvm.endWithTheParent();
    }
}
