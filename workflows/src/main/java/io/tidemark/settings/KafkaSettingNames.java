package io.tidemark.settings;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The names of the Kafka settings: those of the Java clients (4.4) by client, the other names that librdkafka and Spring
 * have for them, and those that Tidemark sets itself. A test in the starter compares the first with the clients.
 */
final class KafkaSettingNames {
    private KafkaSettingNames() {}

    /** Known to consumers, producers and admin clients. */
    static final Set<String> COMMON = words("""
            bootstrap.resolve.timeout.ms bootstrap.servers client.dns.lookup client.id config.providers
            connections.max.idle.ms enable.metrics.push metadata.cluster.check.enable metadata.max.age.ms
            metadata.recovery.rebootstrap.trigger.ms metadata.recovery.strategy metric.reporters metrics.num.samples
            metrics.recording.level metrics.sample.window.ms receive.buffer.bytes reconnect.backoff.max.ms
            reconnect.backoff.ms request.timeout.ms retry.backoff.max.ms retry.backoff.ms
            sasl.client.callback.handler.class sasl.jaas.config sasl.kerberos.kinit.cmd
            sasl.kerberos.min.time.before.relogin sasl.kerberos.service.name sasl.kerberos.ticket.renew.jitter
            sasl.kerberos.ticket.renew.window.factor sasl.login.callback.handler.class sasl.login.class
            sasl.login.connect.timeout.ms sasl.login.read.timeout.ms sasl.login.refresh.buffer.seconds
            sasl.login.refresh.min.period.seconds sasl.login.refresh.window.factor sasl.login.refresh.window.jitter
            sasl.login.retry.backoff.max.ms sasl.login.retry.backoff.ms sasl.mechanism
            sasl.oauthbearer.allow.unverified.audience sasl.oauthbearer.allow.unverified.issuer
            sasl.oauthbearer.assertion.algorithm sasl.oauthbearer.assertion.claim.aud
            sasl.oauthbearer.assertion.claim.exp.seconds sasl.oauthbearer.assertion.claim.iss
            sasl.oauthbearer.assertion.claim.jti.include sasl.oauthbearer.assertion.claim.nbf.seconds
            sasl.oauthbearer.assertion.claim.sub sasl.oauthbearer.assertion.file
            sasl.oauthbearer.assertion.private.key.file sasl.oauthbearer.assertion.private.key.passphrase
            sasl.oauthbearer.assertion.template.file sasl.oauthbearer.client.credentials.client.id
            sasl.oauthbearer.client.credentials.client.secret sasl.oauthbearer.clock.skew.seconds
            sasl.oauthbearer.expected.audience sasl.oauthbearer.expected.issuer sasl.oauthbearer.header.urlencode
            sasl.oauthbearer.jwks.endpoint.refresh.ms sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms
            sasl.oauthbearer.jwks.endpoint.retry.backoff.ms sasl.oauthbearer.jwks.endpoint.url
            sasl.oauthbearer.jwt.retriever.class sasl.oauthbearer.jwt.validator.class sasl.oauthbearer.scope
            sasl.oauthbearer.scope.claim.name sasl.oauthbearer.sub.claim.name sasl.oauthbearer.token.endpoint.url
            security.protocol security.providers send.buffer.bytes socket.connection.setup.timeout.max.ms
            socket.connection.setup.timeout.ms ssl.cipher.suites ssl.enabled.protocols
            ssl.endpoint.identification.algorithm ssl.engine.factory.class ssl.key.password
            ssl.keymanager.algorithm ssl.keystore.certificate.chain ssl.keystore.key ssl.keystore.location
            ssl.keystore.password ssl.keystore.type ssl.protocol ssl.provider ssl.secure.random.implementation
            ssl.trustmanager.algorithm ssl.truststore.certificates ssl.truststore.location ssl.truststore.password
            ssl.truststore.type
            """);

    /** Known to consumers, not to admin clients. */
    static final Set<String> CONSUMER = words("""
            allow.auto.create.topics auto.commit.interval.ms auto.offset.reset check.crcs client.rack
            default.api.timeout.ms enable.auto.commit exclude.internal.topics fetch.max.bytes fetch.max.wait.ms
            fetch.min.bytes group.id group.instance.id group.protocol group.remote.assignor heartbeat.interval.ms
            interceptor.classes isolation.level key.deserializer max.partition.fetch.bytes max.poll.interval.ms
            max.poll.records partition.assignment.strategy session.timeout.ms share.acknowledgement.mode
            share.acquire.mode value.deserializer
            """);

    /** Known to producers, not to admin clients. */
    static final Set<String> PRODUCER = words("""
            acks batch.size buffer.memory buffer.memory.allocation.strategy client.rack compression.gzip.level
            compression.lz4.level compression.type compression.zstd.level delivery.timeout.ms enable.idempotence
            interceptor.classes key.serializer linger.ms max.block.ms max.in.flight.requests.per.connection
            max.request.size metadata.max.idle.ms partitioner.adaptive.partitioning.enable
            partitioner.availability.timeout.ms partitioner.class partitioner.ignore.keys partitioner.rack.aware
            retries transaction.timeout.ms transaction.two.phase.commit.enable transactional.id value.serializer
            """);

    /**
     * Settings that exactly-once depends on, and settings that do nothing in clients that assign their own partitions.
     * A file that was written for another program may contain them; they must have no effect here.
     */
    static final Set<String> SET_BY_TIDEMARK = words("""
            acks auto.commit.interval.ms auto.offset.reset enable.auto.commit enable.auto.offset.store
            enable.idempotence group.id group.instance.id group.protocol group.remote.assignor isolation.level
            key.deserializer key.serializer max.in.flight.requests.per.connection partition.assignment.strategy
            share.acknowledgement.mode share.acquire.mode transaction.two.phase.commit.enable transactional.id
            value.deserializer value.serializer
            """);

    /**
     * Other names of settings of the Java client, by the name in files for librdkafka (with its aliases) or for Spring
     * (after its prefix, with dots for hyphens).
     */
    static final Map<String, String> RENAMED = table("""
            auto.commit.enable                      enable.auto.commit
            compression.codec                       compression.type
            fetch.message.max.bytes                 max.partition.fetch.bytes
            fetch.wait.max.ms                       fetch.max.wait.ms
            max.in.flight                           max.in.flight.requests.per.connection
            message.max.bytes                       max.request.size
            message.send.max.retries                retries
            message.timeout.ms                      delivery.timeout.ms
            metadata.broker.list                    bootstrap.servers
            queue.buffering.max.ms                  linger.ms
            request.required.acks                   acks
            sasl.mechanisms                         sasl.mechanism
            sasl.oauthbearer.client.id              sasl.oauthbearer.client.credentials.client.id
            sasl.oauthbearer.client.secret          sasl.oauthbearer.client.credentials.client.secret
            socket.receive.buffer.bytes             receive.buffer.bytes
            socket.send.buffer.bytes                send.buffer.bytes
            ssl.ca.pem                              ssl.truststore.certificates
            ssl.certificate.pem                     ssl.keystore.certificate.chain
            ssl.key.pem                             ssl.keystore.key
            ssl.key.store.certificate.chain         ssl.keystore.certificate.chain
            ssl.key.store.key                       ssl.keystore.key
            ssl.key.store.location                  ssl.keystore.location
            ssl.key.store.password                  ssl.keystore.password
            ssl.key.store.type                      ssl.keystore.type
            ssl.trust.store.certificates            ssl.truststore.certificates
            ssl.trust.store.location                ssl.truststore.location
            ssl.trust.store.password                ssl.truststore.password
            ssl.trust.store.type                    ssl.truststore.type
            """);

    /** Settings of librdkafka that become one or several other settings of the Java client. */
    static final Set<String> TRANSLATED = words("""
            sasl.kerberos.keytab sasl.kerberos.principal sasl.oauthbearer.extensions sasl.oauthbearer.method
            sasl.password sasl.username ssl.ca.location ssl.certificate.location ssl.key.location
            """);

    /** Settings of others that the Java client does not have, with what to do instead. */
    static final Map<String, String> NOT_IN_JAVA = table("""
            broker.address.family                 start Java with JDK_JAVA_OPTIONS=-Djava.net.preferIPv4Stack=true
            enable.sasl.oauthbearer.unsecure.jwt  write sasl.jaas.config of OAuthBearerLoginModule instead
            enable.ssl.certificate.verification   Java always checks the broker's certificate; name the authority that signed it in ssl.ca.location
            sasl.oauthbearer.config               write sasl.jaas.config of OAuthBearerLoginModule instead
            ssl.ca.certificate.stores             export the authority's certificate to a PEM file and name it in ssl.ca.location
            ssl.crl.location                      Java checks no revocation lists
            """);

    /** Values with which a setting that Java does not have changes nothing. */
    static final Set<String> WITHOUT_EFFECT = Set.of(
            "broker.address.family=any",
            "enable.sasl.oauthbearer.unsecure.jwt=false",
            "enable.ssl.certificate.verification=true");

    /** The mark, in a resolved name, of a setting for consumers only. */
    static final String FOR_CONSUMERS = "consumer:";

    /** The mark, in a resolved name, of a setting for producers only. */
    static final String FOR_PRODUCERS = "producer:";

    /** What other programs write before a name, and the mark that the prefix stands for. Longer ones first. */
    private static final List<Map.Entry<String, String>> PREFIXES = List.of(
            Map.entry("spring.cloud.stream.kafka.binder.configuration.", ""),
            Map.entry("spring.kafka.consumer.properties.", FOR_CONSUMERS),
            Map.entry("spring.kafka.producer.properties.", FOR_PRODUCERS),
            Map.entry("spring.kafka.properties.", ""),
            Map.entry("spring.kafka.consumer.", FOR_CONSUMERS),
            Map.entry("spring.kafka.producer.", FOR_PRODUCERS),
            Map.entry("spring.kafka.", ""),
            Map.entry("properties.", ""),
            Map.entry("consumer.", FOR_CONSUMERS),
            Map.entry("producer.", FOR_PRODUCERS),
            Map.entry("kafka.", ""));

    private static final Pattern SECRET =
            Pattern.compile("password|passphrase|secret|jaas|\\.key$|\\.pem$|user\\.info|sasl\\.username|token$");

    /**
     * Returns the name that the Java client has for a key, as far as it has one: without the prefix of another program,
     * after {@link #FOR_CONSUMERS} or {@link #FOR_PRODUCERS} if the prefix says so.
     */
    static String resolved(String key) {
        String plain = key.replace('[', '.').replace("]", "");
        for (Map.Entry<String, String> prefix : PREFIXES) {
            if (plain.startsWith(prefix.getKey())) {
                return prefix.getValue()
                        + renamed(plain.substring(prefix.getKey().length()));
            }
        }
        return renamed(plain);
    }

    private static String renamed(String name) {
        String dotted = name.replace('-', '.');
        return RENAMED.getOrDefault(dotted, dotted);
    }

    /** Returns whether a resolved name means something to Tidemark. */
    static boolean isKnown(String resolved) {
        String name = resolved.substring(resolved.indexOf(':') + 1);
        return COMMON.contains(name)
                || CONSUMER.contains(name)
                || PRODUCER.contains(name)
                || SET_BY_TIDEMARK.contains(name)
                || TRANSLATED.contains(name)
                || NOT_IN_JAVA.containsKey(name)
                || name.startsWith("config.providers.");
    }

    /** Returns whether values of this setting must not be printed. */
    static boolean isSecret(String name) {
        return SECRET.matcher(name).find();
    }

    private static Set<String> words(String text) {
        return Set.of(text.strip().split("\\s+"));
    }

    private static Map<String, String> table(String text) {
        return text.lines()
                .map(line -> line.strip().split(" +", 2))
                .collect(Collectors.toUnmodifiableMap(line -> line[0], line -> line[1]));
    }
}
