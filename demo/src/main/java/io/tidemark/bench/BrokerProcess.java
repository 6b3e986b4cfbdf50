package io.tidemark.bench;

import io.tidemark.embedded.EmbeddedKafka;

/** An embedded broker in a JVM of its own: says where it listens, and runs until its standard input ends. */
final class BrokerProcess {

    private BrokerProcess() {}

    @SuppressWarnings("SystemOut") // Its parent reads the line.
    public static void main(String[] arguments) {
        System.out.println(EmbeddedKafka.startDefault().bootstrapServers());
        // No orderly end: to write out thousands of partitions that nobody reads again takes minutes.
        ChildJvm.endWithTheParent();
    }
}
