package io.tidemark.kafka.input;

import io.tidemark.kafka.client.KafkaObserver;
import io.tidemark.kafka.input.ReadRanges.Range;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import org.apache.kafka.clients.ApiVersions;
import org.apache.kafka.clients.ClientResponse;
import org.apache.kafka.clients.ClientUtils;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.Metadata;
import org.apache.kafka.clients.MetadataRecoveryStrategy;
import org.apache.kafka.clients.NetworkClient;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.LogTruncationException;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.CorruptRecordException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.internals.ClusterResourceListeners;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.network.NetworkReceive;
import org.apache.kafka.common.network.Selector;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.DefaultRecordBatch;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.FetchResponse;
import org.apache.kafka.common.requests.MetadataRequest;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.common.utils.internals.LogContext;

/**
 * Fetches ranges of one topic from the leaders of its partitions, for one read after another. At most one request is in flight to each broker; each
 * response determines where the next request begins. {@link NetworkClient} does connections, authentication, throttling
 * and metadata; errors are handled as the client's consumer handles them.
 *
 * <p>Fetches from leaders only, without fetch sessions. Not safe for use by several threads.
 */
final class FetchConnection implements AutoCloseable {
    /** Smaller requests save nothing. */
    private static final int MIN_FETCH = 64 * 1024;
    /** Wait between two requests for a partition whose leader could not answer. */
    static final long RETRY_MILLIS = 50;
    /** Version of fetch requests to brokers before 3.1, which do not know topic ids. */
    private static final short LAST_WITHOUT_TOPIC_IDS = 12;

    private static final Time TIME = Time.SYSTEM;

    /** What a response contains for a range. */
    record Fetched(Range range, PartitionData data) {}

    /** A range and the state of its requests. */
    static final class Part {
        final Range range;
        /** Where the next request begins. */
        long next;
        /** Leader epoch of the last batch before {@link #next}, or -1. */
        int epoch = -1;
        /** Bytes per offset in the last response; 0 before the first one. */
        double bytesPerOffset;

        boolean underWay;
        long notBefore;

        Part(Range range) {
            this.range = range;
            this.next = range.position;
        }

        boolean wanted(long now) {
            return !underWay && next < range.to && now >= notBefore;
        }

        /** Returns how many bytes to request: the last request of a range should not fetch records behind its end. */
        int bytes(int max) {
            double guess = bytesPerOffset == 0 ? max : bytesPerOffset * (range.to - next) * 1.1 + MIN_FETCH;
            return (int) Math.min(max, guess);
        }

        /** Returns the error for a batch that is not as its producer wrote it. */
        CorruptRecordException damaged(String why) {
            return new CorruptRecordException(
                    "damaged batch in " + range.partition + " at or after offset " + next + ": " + why);
        }

        void got(MemoryRecords records) {
            long before = next;
            for (RecordBatch batch : records.batches()) {
                if (batch.magic() >= RecordBatch.MAGIC_VALUE_V2
                        && batch.sizeInBytes() < DefaultRecordBatch.RECORD_BATCH_OVERHEAD) {
                    throw damaged("its size is " + batch.sizeInBytes() + " bytes, less than a header");
                }
                next = batch.nextOffset();
                epoch = batch.partitionLeaderEpoch();
            }
            if (next <= before) {
                throw new KafkaException("a response for " + range.partition + " at offset " + before + " contains "
                        + records.sizeInBytes() + " bytes of batches, but none that ends after that offset");
            }
            bytesPerOffset = (double) records.sizeInBytes() / (next - before);
        }
    }

    private final ConsumerConfig config;
    private final String topic;
    private final IntUnaryOperator fetchOfLeader;
    private final long retryMillis;
    private final KafkaObserver observer;
    private List<Part> parts = List.of();
    /** Ids of the leaders of these parts so far. */
    private final Set<Integer> leaders = new HashSet<>();
    /** By broker id, the parts of the request in flight. */
    private final Map<String, Collection<Part>> asked = new HashMap<>();
    /** Buffers of the responses of the last polls. */
    private final List<byte[]> taken = new ArrayList<>();
    /** Milliseconds after which a leader that was not ready may be ready. */
    private long longestPoll;

    private final ReceiveBuffers buffers = new ReceiveBuffers();
    private final Metrics metrics = new Metrics();
    private final Metadata metadata;
    private final NetworkClient client;

    /**
     * Connects with the first request.
     *
     * @param fetchOfLeader how many bytes to request of a leader, by the number of leaders
     * @param retryMillis {@link #RETRY_MILLIS} outside tests
     * @param observer is told how long each answer took
     */
    FetchConnection(
            ConsumerConfig config,
            String topic,
            IntUnaryOperator fetchOfLeader,
            long retryMillis,
            KafkaObserver observer) {
        this.config = config;
        this.topic = topic;
        this.fetchOfLeader = fetchOfLeader;
        this.retryMillis = retryMillis;
        this.observer = observer;
        LogContext log = new LogContext("[tidemark-input " + topic + "] ");
        metadata = new TopicMetadata(config, topic, log);
        List<String> servers = config.getList(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG);
        ClientUtils.maybeBootstrapMetadataSynchronously(config, servers, metadata);
        Selector selector = new Selector(
                NetworkReceive.UNLIMITED,
                config.getLong(ConsumerConfig.CONNECTIONS_MAX_IDLE_MS_CONFIG),
                metrics,
                TIME,
                "tidemark-input",
                Map.of(),
                false,
                false,
                ClientUtils.createChannelBuilder(config, TIME, log),
                buffers,
                log);
        client = new NetworkClient(
                selector,
                metadata,
                config.getString(ConsumerConfig.CLIENT_ID_CONFIG),
                1,
                config.getLong(ConsumerConfig.RECONNECT_BACKOFF_MS_CONFIG),
                config.getLong(ConsumerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG),
                config.getInt(ConsumerConfig.SEND_BUFFER_CONFIG),
                config.getInt(ConsumerConfig.RECEIVE_BUFFER_CONFIG),
                config.getInt(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG),
                config.getLong(ConsumerConfig.SOCKET_CONNECTION_SETUP_TIMEOUT_MS_CONFIG),
                config.getLong(ConsumerConfig.SOCKET_CONNECTION_SETUP_TIMEOUT_MAX_MS_CONFIG),
                TIME,
                true,
                new ApiVersions(),
                log,
                config.getLong(CommonClientConfigs.METADATA_RECOVERY_REBOOTSTRAP_TRIGGER_MS_CONFIG),
                MetadataRecoveryStrategy.forName(
                        config.getString(CommonClientConfigs.METADATA_RECOVERY_STRATEGY_CONFIG)),
                ClientUtils.bootstrapConfiguration(config, servers),
                config.getBoolean(CommonClientConfigs.METADATA_CLUSTER_CHECK_ENABLE_CONFIG));
    }

    /** Begins to read ranges of the connection's topic. */
    void begin(ReadRanges ranges) {
        parts = ranges.all().stream().map(Part::new).toList();
        leaders.clear();
    }

    /**
     * Ends a read, and returns true if the connection can be used for another one: no response is expected. Its buffers
     * are released, because they are not part of any step's memory.
     */
    boolean end() {
        parts = List.of();
        buffers.clear();
        return asked.isEmpty();
    }

    /** Sends a request to each leader that has none in flight, for the parts that still need data. */
    void requestMore() {
        long now = TIME.milliseconds();
        longestPoll = Long.MAX_VALUE;
        Map<Node, Map<Part, FetchRequest.PartitionData>> requests = new LinkedHashMap<>();
        for (Part part : parts) {
            if (!part.wanted(now)) {
                continue;
            }
            Metadata.LeaderAndEpoch current = metadata.currentLeader(part.range.partition);
            Node leader = current.leader.orElse(null);
            if (leader == null) {
                // A new connection has no metadata. The metadata's own backoff limits how often it is requested.
                metadata.requestUpdate(false);
                continue;
            }
            leaders.add(leader.id());
            if (client.ready(leader, now)) {
                requests.computeIfAbsent(leader, unused -> new LinkedHashMap<>())
                        .put(
                                part,
                                new FetchRequest.PartitionData(
                                        metadata.topicIds().getOrDefault(topic, Uuid.ZERO_UUID),
                                        part.next,
                                        FetchRequest.INVALID_LOG_START_OFFSET,
                                        part.bytes(config.getInt(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG)),
                                        current.epoch,
                                        part.epoch < 0 ? Optional.empty() : Optional.of(part.epoch)));
            } else {
                AuthenticationException refused = client.authenticationException(leader);
                if (refused != null) {
                    throw refused;
                }
                // The connection is being established again, or the broker throttles it. No response announces the end
                // of that, so the poll must time out.
                longestPoll = Math.max(1, Math.min(longestPoll, client.pollDelayMs(leader, now)));
            }
        }
        requests.forEach((leader, wanted) -> request(leader, wanted, now));
    }

    private void request(Node leader, Map<Part, FetchRequest.PartitionData> wanted, long now) {
        Map<TopicPartition, FetchRequest.PartitionData> byPartition = new LinkedHashMap<>();
        wanted.forEach((part, data) -> byPartition.put(part.range.partition, data));
        boolean topicIds = metadata.topicIds().containsKey(topic);
        FetchRequest.Builder builder = FetchRequest.Builder.forConsumer(
                        topicIds ? ApiKeys.FETCH.latestVersion() : LAST_WITHOUT_TOPIC_IDS,
                        config.getInt(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG),
                        config.getInt(ConsumerConfig.FETCH_MIN_BYTES_CONFIG),
                        byPartition)
                .isolationLevel(IsolationLevel.READ_COMMITTED)
                .setMaxBytes(fetchOfLeader.applyAsInt(leaders.size()));
        client.send(client.newClientRequest(leader.idString(), builder, now, true), now);
        wanted.keySet().forEach(part -> part.underWay = true);
        asked.put(leader.idString(), wanted.keySet());
    }

    /**
     * Waits for responses for at most {@code timeLimit}.
     *
     * @param arrived receives what the responses contain; valid until {@link #release}
     */
    void poll(Duration timeLimit, Collection<Fetched> arrived) {
        long now = TIME.milliseconds();
        boolean retrying = parts.stream().anyMatch(part -> part.notBefore > now);
        long wait = Math.min(timeLimit.toMillis(), retrying ? Math.min(longestPoll, retryMillis) : longestPoll);
        List<ClientResponse> responses = client.poll(wait, now);
        if (Thread.interrupted()) {
            throw new InterruptException(new InterruptedException("reading was interrupted"));
        }
        metadata.maybeThrowAnyException();
        buffers.requireAccepted();
        for (ClientResponse each : responses) {
            Collection<Part> of = asked.remove(each.destination());
            if (of != null) {
                of.forEach(part -> part.underWay = false);
                take(each, of, arrived);
            }
        }
    }

    private void take(ClientResponse response, Collection<Part> of, Collection<Fetched> arrived) {
        if (response.authenticationException() != null) {
            throw response.authenticationException();
        }
        if (response.versionMismatch() != null) {
            throw response.versionMismatch();
        }
        if (!response.hasResponse()) {
            of.forEach(this::retry);
            return;
        }
        observer.fetched(response.requestLatencyMs());
        FetchResponse body = (FetchResponse) response.responseBody();
        Map<TopicPartition, PartitionData> found = body.responseData(
                metadata.topicNames(), response.requestHeader().apiVersion());
        byte[] bytes = null;
        for (Part part : of) {
            PartitionData data = found.get(part.range.partition);
            if (body.error() != Errors.NONE) {
                failed(part, body.error());
            } else if (data == null) {
                // The topic id in the response is not the one in our metadata.
                retry(part);
            } else if (data.errorCode() != Errors.NONE.code()) {
                failed(part, Errors.forCode(data.errorCode()));
            } else if (FetchResponse.isDivergingEpoch(data)) {
                throw truncated(part, data);
            } else if (FetchResponse.recordsSize(data) > 0) {
                MemoryRecords records = (MemoryRecords) FetchResponse.recordsOrFail(data);
                part.got(records);
                bytes = records.buffer().array();
                arrived.add(new Fetched(part.range, data));
            }
        }
        if (bytes != null) {
            taken.add(bytes);
        }
    }

    private void failed(Part part, Errors error) {
        switch (error) {
            case OFFSET_OUT_OF_RANGE ->
                throw new OffsetOutOfRangeException(
                        "offset " + part.next + " of " + part.range.partition + " is not in the log",
                        Map.of(part.range.partition, part.next));
            case TOPIC_AUTHORIZATION_FAILED -> throw new TopicAuthorizationException(Set.of(topic));
            case UNKNOWN_SERVER_ERROR -> retry(part);
            case CORRUPT_MESSAGE -> throw part.damaged(error.message());
            default -> {
                if (!(error.exception() instanceof RetriableException)) {
                    throw new KafkaException(
                            "offset " + part.next + " of " + part.range.partition + ": " + error.message());
                }
                retry(part);
            }
        }
    }

    private void retry(Part part) {
        metadata.requestUpdate(false);
        part.notBefore = TIME.milliseconds() + retryMillis;
    }

    /** Returns the error for a log whose history differs from what was read before {@code part.next}. */
    private static LogTruncationException truncated(Part part, PartitionData data) {
        return new LogTruncationException(
                Map.of(part.range.partition, part.next),
                Map.of(
                        part.range.partition,
                        new OffsetAndMetadata(data.divergingEpoch().endOffset())));
    }

    /** Returns the buffers of the last polls to the pool. */
    void release() {
        taken.forEach(buffers::release);
        taken.clear();
    }

    @Override
    public void close() {
        client.close();
        metadata.close();
        metrics.close();
    }

    /** Metadata of one topic. */
    private static final class TopicMetadata extends Metadata {
        private final String topic;

        TopicMetadata(ConsumerConfig config, String topic, LogContext log) {
            super(
                    config.getLong(ConsumerConfig.RETRY_BACKOFF_MS_CONFIG),
                    config.getLong(ConsumerConfig.RETRY_BACKOFF_MAX_MS_CONFIG),
                    config.getLong(ConsumerConfig.METADATA_MAX_AGE_CONFIG),
                    log,
                    new ClusterResourceListeners());
            this.topic = topic;
        }

        @Override
        protected MetadataRequest.Builder newMetadataRequestBuilder() {
            return MetadataRequest.Builder.forTopicNames(List.of(topic), false);
        }

        @Override
        protected boolean retainTopic(String name, boolean internal, long now) {
            return name.equals(topic);
        }
    }
}
