package io.tidemark.trace;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.opentracingshim.OpenTracingShim;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.temporal.common.interceptors.WorkerInterceptor;
import io.temporal.opentracing.OpenTracingOptions;
import io.temporal.opentracing.OpenTracingWorkerInterceptor;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Sends a span of each workflow and each attempt of an activity to an OpenTelemetry collector, by OTLP over HTTP. The SDK keeps
 * at most 2,048 spans and drops what it cannot send, so no run waits for the collector.
 */
public final class Traces implements AutoCloseable {
    private static final Duration ANSWER = Duration.ofSeconds(5);
    private static final Duration FLUSH = Duration.ofSeconds(2);

    private final SdkTracerProvider provider;
    private final WorkerInterceptor interceptor;

    /**
     * Starts to send.
     *
     * @param url base URL of the collector, such as {@code http://localhost:4318}; {@code /v1/traces} is added
     * @param version version of Tidemark
     * @throws IllegalArgumentException if it is no http or https URL
     */
    public Traces(URI url, String version) {
        String base = url.toString();
        provider = SdkTracerProvider.builder()
                .setResource(Resource.create(Attributes.of(
                        AttributeKey.stringKey("service.name"),
                        "tidemark-worker",
                        AttributeKey.stringKey("service.version"),
                        version)))
                .addSpanProcessor(BatchSpanProcessor.builder(OtlpHttpSpanExporter.builder()
                                .setEndpoint((base.endsWith("/") ? base.substring(0, base.length() - 1) : base)
                                        + "/v1/traces")
                                .setTimeout(ANSWER)
                                .build())
                        .build())
                .build();
        TextMapPropagator headers = W3CTraceContextPropagator.getInstance();
        interceptor = new OpenTracingWorkerInterceptor(OpenTracingOptions.newBuilder()
                .setTracer(OpenTracingShim.createTracerShim(provider, headers, headers))
                .build());
    }

    /** Returns the interceptor of workflows and activities that makes the spans. */
    public WorkerInterceptor interceptor() {
        return interceptor;
    }

    /** Sends what waits, for at most two seconds. */
    @Override
    public void close() {
        provider.shutdown().join(FLUSH.toMillis(), TimeUnit.MILLISECONDS);
    }
}
