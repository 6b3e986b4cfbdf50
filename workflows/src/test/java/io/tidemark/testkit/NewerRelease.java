package io.tidemark.testkit;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.JsonNodeDeserializer;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.common.converter.DataConverter;
import io.temporal.common.converter.DefaultDataConverter;
import io.temporal.common.converter.JacksonJsonPayloadConverter;
import io.tidemark.job.JobCodec;
import io.tidemark.job.JobSpec;
import java.io.IOException;

/** A later release, in which a job has one more field: the codec of this release with that field. */
public final class NewerRelease {
    /** The field that this release does not know. */
    public static final String FIELD = "sinceTheNextRelease";

    private NewerRelease() {}

    /** Returns the client of a worker of that release. */
    public static WorkflowClient client(WorkflowClient client) {
        return WorkflowClient.newInstance(
                client.getWorkflowServiceStubs(),
                WorkflowClientOptions.newBuilder()
                        .setNamespace(client.getOptions().getNamespace())
                        .setDataConverter(codec())
                        .build());
    }

    /** Returns the job as a command line of that release sends it. */
    public static ObjectNode job(JsonNode job) {
        return ((ObjectNode) job.deepCopy()).put(FIELD, true);
    }

    private static DataConverter codec() {
        ObjectMapper json = JacksonJsonPayloadConverter.newDefaultObjectMapper();
        json.registerModule(new SimpleModule()
                .addSerializer(new Writer())
                .addDeserializer(JobSpec.class, new Reader())
                .addDeserializer(JsonNode.class, new TreeReader()));
        return DefaultDataConverter.newDefaultInstance()
                .withPayloadConverterOverrides(new JacksonJsonPayloadConverter(json));
    }

    private static final class Writer extends StdSerializer<JobSpec> {
        private static final long serialVersionUID = 1;

        Writer() {
            super(JobSpec.class);
        }

        @Override
        public void serialize(JobSpec job, JsonGenerator json, SerializerProvider provider) throws IOException {
            provider.defaultSerializeValue(job(JobCodec.write(job)), json);
        }
    }

    private static final class Reader extends StdDeserializer<JobSpec> {
        private static final long serialVersionUID = 1;

        Reader() {
            super(JobSpec.class);
        }

        @Override
        public JobSpec deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            return JobCodec.read(context.readValue(parser, JsonNode.class));
        }
    }

    /** Reads trees without the field: what a worker of that release passes to its codec is understood there. */
    private static final class TreeReader extends StdDeserializer<JsonNode> {
        private static final long serialVersionUID = 1;

        TreeReader() {
            super(JsonNode.class);
        }

        @Override
        public JsonNode deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            JsonNode tree = JsonNodeDeserializer.getDeserializer(JsonNode.class).deserialize(parser, context);
            if (tree instanceof ObjectNode object) {
                object.remove(FIELD);
            }
            return tree;
        }
    }
}
