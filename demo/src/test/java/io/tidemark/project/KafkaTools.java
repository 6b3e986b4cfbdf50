package io.tidemark.project;

import io.tidemark.embedded.Producers;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Stands in for the command-line tools of the Kafka distribution, which the build does not have: as much of them as the
 * tutorial uses. Each tool is a script that sends its arguments and its input to this JVM, which saves a JVM for each.
 */
final class KafkaTools implements AutoCloseable {
    static final List<String> NAMES =
            List.of("kafka-topics.sh", "kafka-console-producer.sh", "kafka-consumer-groups.sh");

    private static final String PRODUCER = "kafka-console-producer.sh";

    private final ServerSocket socket;

    KafkaTools() throws IOException {
        socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread server = new Thread(this::serve, "kafka-tools");
        server.setDaemon(true);
        server.start();
    }

    /** The script of a tool: sends the number of arguments, these, and what is piped into a producer. */
    String script(String tool) {
        return """
                exec 3<>/dev/tcp/127.0.0.1/%d
                printf '%%s\\n' $(($# + 1)) %s "$@" >&3
                %s
                echo END >&3
                answer=$(cat <&3)
                [ -z "$answer" ] || echo "$answer"
                [[ $answer != error:* ]]
                """.formatted(socket.getLocalPort(), tool, tool.equals(PRODUCER) ? "cat >&3" : "");
    }

    private void serve() {
        while (!socket.isClosed()) {
            try (Socket client = socket.accept();
                    BufferedReader in =
                            new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.UTF_8));
                    PrintWriter out = new PrintWriter(client.getOutputStream(), true, StandardCharsets.UTF_8)) {
                try {
                    run(in, out);
                } catch (Exception e) {
                    out.println("error: " + e);
                }
            } catch (IOException e) {
                // Closed, or the script was ended.
            }
        }
    }

    /** Fails on an option that it does not know, so that the tutorial cannot use one that is not tried. */
    private static void run(BufferedReader in, PrintWriter out) throws Exception {
        int arguments = Integer.parseInt(in.readLine());
        String tool = in.readLine();
        Map<String, String> options = new HashMap<>();
        Map<String, String> properties = new HashMap<>();
        for (int i = 1; i < arguments; i++) {
            String option = in.readLine();
            switch (option) {
                case "--create", "--delete" -> options.put(option, "");
                case "--property" -> {
                    String[] parts = in.readLine().split("=", 2);
                    properties.put(parts[0], parts[1]);
                    i++;
                }
                case "--bootstrap-server", "--topic", "--partitions", "--group" -> {
                    options.put(option, in.readLine());
                    i++;
                }
                default -> throw new IllegalArgumentException(tool + " " + option);
            }
        }
        switch (tool) {
            case "kafka-topics.sh" -> topics(options, out);
            case PRODUCER -> produce(options, properties, in);
            case "kafka-consumer-groups.sh" -> deleteGroup(options, out);
            default -> throw new IllegalArgumentException(tool);
        }
    }

    private static void topics(Map<String, String> options, PrintWriter out)
            throws ExecutionException, InterruptedException {
        String topic = value(options, "--topic");
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", value(options, "--bootstrap-server")))) {
            if (options.containsKey("--create")) {
                int partitions = Integer.parseInt(value(options, "--partitions"));
                admin.createTopics(List.of(new NewTopic(topic, Optional.of(partitions), Optional.empty())))
                        .all()
                        .get();
                out.println("Created topic " + topic + ".");
            } else {
                value(options, "--delete");
                admin.deleteTopics(List.of(topic)).all().get();
            }
        }
    }

    private static void deleteGroup(Map<String, String> options, PrintWriter out)
            throws ExecutionException, InterruptedException {
        value(options, "--delete");
        String group = value(options, "--group");
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", value(options, "--bootstrap-server")))) {
            admin.deleteConsumerGroups(List.of(group)).all().get();
        }
        out.println("Deletion of requested consumer groups ('" + group + "') was successful.");
    }

    private static void produce(Map<String, String> options, Map<String, String> properties, BufferedReader in)
            throws IOException, ExecutionException, InterruptedException {
        if (!value(properties, "parse.key").equals("true")) {
            throw new IllegalArgumentException("parse.key");
        }
        String separator = value(properties, "key.separator");
        try (KafkaProducer<String, String> producer =
                Producers.ofStrings(Map.of("bootstrap.servers", value(options, "--bootstrap-server")))) {
            for (String line = in.readLine(); !line.equals("END"); line = in.readLine()) {
                int at = line.indexOf(separator);
                producer.send(new ProducerRecord<>(
                                value(options, "--topic"),
                                line.substring(0, at),
                                line.substring(at + separator.length())))
                        .get();
            }
        }
    }

    private static String value(Map<String, String> options, String name) {
        return Objects.requireNonNull(options.get(name), name);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
