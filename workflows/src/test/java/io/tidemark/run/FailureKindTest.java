package io.tidemark.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.temporal.api.common.v1.Payload;
import io.temporal.common.converter.DataConverter;
import io.temporal.common.converter.DefaultDataConverter;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class FailureKindTest {
    private final DataConverter converter = DefaultDataConverter.newDefaultInstance();

    @Test
    void everyKindSurvivesSerialization() {
        for (FailureKind kind : FailureKind.values()) {
            PartitionProblem problem = new PartitionProblem(3, kind, "why");

            assertThat(converter.fromPayload(
                            converter.toPayload(problem).orElseThrow(), PartitionProblem.class, PartitionProblem.class))
                    .isEqualTo(problem);
        }
    }

    /** While workers are being replaced, a newer one may report a kind that this version does not know. */
    @Test
    void anUnknownKindIsReadAsUnexpected() {
        Payload known = converter
                .toPayload(new PartitionProblem(3, FailureKind.FENCED, "why"))
                .orElseThrow();
        Payload unknown = known.toBuilder()
                .setData(ByteString.copyFromUtf8(
                        known.getData().toString(StandardCharsets.UTF_8).replace("FENCED", "A_NEW_KIND")))
                .build();

        assertThat(converter.fromPayload(unknown, PartitionProblem.class, PartitionProblem.class))
                .isEqualTo(new PartitionProblem(3, FailureKind.UNEXPECTED, "why"));
    }
}
