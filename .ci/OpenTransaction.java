import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Creates a topic that keeps records for 20 minutes, and holds a transaction open in its partition 1 until a line arrives on
 * standard input. Used by .ci/prometheus.
 */
class OpenTransaction {
    public static void main(String[] arguments) throws Exception {
        String servers = arguments[0];
        String topic = arguments[1];
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", servers));
                KafkaProducer<String, String> producer = new KafkaProducer<>(
                        Map.of(
                                "bootstrap.servers",
                                servers,
                                "transactional.id",
                                topic + "-holder",
                                "transaction.timeout.ms",
                                "600000"),
                        new StringSerializer(),
                        new StringSerializer())) {
            NewTopic created = new NewTopic(topic, 2, (short) 1).configs(Map.of("retention.ms", "1200000"));
            admin.createTopics(List.of(created)).all().get();
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(topic, 1, null, "held")).get();
            System.out.println("open");
            System.in.read();
            producer.abortTransaction();
        }
    }
}
