import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.quota.ClientQuotaAlteration;
import org.apache.kafka.common.quota.ClientQuotaEntity;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * What .ci/prometheus does to the broker: KafkaScene SERVERS ACT ARGUMENT... It prints "ready" when the act has begun, and ends it
 * when a line arrives on standard input.
 */
class KafkaScene {
    private final String servers;
    private final Admin admin;

    KafkaScene(String servers, Admin admin) {
        this.servers = servers;
        this.admin = admin;
    }

    public static void main(String[] arguments) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", arguments[0]))) {
            KafkaScene scene = new KafkaScene(arguments[0], admin);
            switch (arguments[1]) {
                case "open" -> scene.open(arguments[2]);
                case "empty" -> scene.empty(arguments[2], Integer.parseInt(arguments[3]));
                case "fence" -> scene.fence(List.of(arguments).subList(2, arguments.length));
                case "slow" -> scene.slow(arguments[2], Double.parseDouble(arguments[3]));
                default -> throw new IllegalArgumentException(arguments[1]);
            }
        }
    }

    private static void untilTold() throws Exception {
        System.out.println("ready");
        System.in.read();
    }

    /** Creates a topic that keeps records for 20 minutes, and holds a transaction open in its partition 1. */
    private void open(String topic) throws Exception {
        NewTopic created = new NewTopic(topic, 2, (short) 1).configs(Map.of("retention.ms", "1200000"));
        admin.createTopics(List.of(created)).all().get();
        try (KafkaProducer<String, String> producer = producer(topic + "-holder")) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(topic, 1, null, "held")).get();
            untilTold();
            producer.abortTransaction();
        }
    }

    /** Deletes all records of a topic, as retention does. */
    private void empty(String topic, int partitions) throws Exception {
        Map<TopicPartition, RecordsToDelete> all = new TreeMap<>((a, b) -> a.partition() - b.partition());
        for (int partition = 0; partition < partitions; partition++) {
            // -1 is the high watermark.
            all.put(new TopicPartition(topic, partition), RecordsToDelete.beforeOffset(-1));
        }
        admin.deleteRecords(all).all().get();
        untilTold();
    }

    /** Takes transactional ids over and over, as a second program with the same ids does. */
    private void fence(List<String> ids) throws Exception {
        List<Thread> threads = new ArrayList<>();
        for (String id : ids) {
            Thread thread = new Thread(() -> {
                while (true) {
                    try (KafkaProducer<String, String> producer = producer(id)) {
                        producer.initTransactions();
                    } catch (KafkaException e) {
                        System.err.println(id + ": " + e);
                    }
                }
            });
            thread.setDaemon(true);
            thread.start();
            threads.add(thread);
        }
        untilTold();
    }

    /** Limits the bytes a second that consumers with a client id get from the broker. */
    private void slow(String client, double bytes) throws Exception {
        quota(client, bytes);
        untilTold();
        quota(client, null);
    }

    private void quota(String client, Double bytes) throws Exception {
        ClientQuotaEntity entity = new ClientQuotaEntity(Map.of(ClientQuotaEntity.CLIENT_ID, client));
        admin.alterClientQuotas(List.of(new ClientQuotaAlteration(
                        entity, List.of(new ClientQuotaAlteration.Op("consumer_byte_rate", bytes)))))
                .all()
                .get();
    }

    private KafkaProducer<String, String> producer(String id) {
        Map<String, Object> settings = Map.of(
                "bootstrap.servers", servers, "transactional.id", id, "transaction.timeout.ms", "600000");
        return new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
    }
}
