package io.tidemark.settings;

import java.util.Map;
import java.util.Set;

/**
 * The names of the Kafka settings: those of the Java clients (4.4) by client, the other names that librdkafka has for
 * them, and those that Tidemark sets itself. A test in the starter compares the first with the clients.
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

    /** Names of librdkafka (and its aliases) for settings that have another name in the Java client. */
    static final Map<String, String> RENAMED = Map.ofEntries(
            Map.entry("sasl.mechanisms", "sasl.mechanism"),
            Map.entry("metadata.broker.list", "bootstrap.servers"),
            Map.entry("compression.codec", "compression.type"),
            Map.entry("queue.buffering.max.ms", "linger.ms"),
            Map.entry("message.send.max.retries", "retries"),
            Map.entry("fetch.wait.max.ms", "fetch.max.wait.ms"),
            Map.entry("fetch.message.max.bytes", "max.partition.fetch.bytes"),
            Map.entry("socket.send.buffer.bytes", "send.buffer.bytes"),
            Map.entry("socket.receive.buffer.bytes", "receive.buffer.bytes"),
            Map.entry("request.required.acks", "acks"),
            Map.entry("auto.commit.enable", "enable.auto.commit"),
            Map.entry("max.in.flight", "max.in.flight.requests.per.connection"),
            Map.entry("ssl.ca.pem", "ssl.truststore.certificates"),
            Map.entry("ssl.certificate.pem", "ssl.keystore.certificate.chain"),
            Map.entry("ssl.key.pem", "ssl.keystore.key"));

    /** Settings of librdkafka that become one or several other settings of the Java client. */
    static final Set<String> TRANSLATED =
            words("sasl.username sasl.password ssl.ca.location ssl.certificate.location ssl.key.location");

    private static Set<String> words(String text) {
        return Set.of(text.strip().split("\\s+"));
    }
}
