package io.tidemark.activity;

import io.temporal.client.ActivityCompletionException;
import io.temporal.failure.ApplicationFailure;
import io.tidemark.kafka.client.KafkaCalls;
import io.tidemark.run.FailureKind;
import io.tidemark.run.TidemarkException;
import io.tidemark.stage.StagedLostException;

/** Any exception in, one failure out whose type is the name of a {@link FailureKind}. */
final class FailureTranslator {
    private FailureTranslator() {}

    /**
     * What Temporal is told. Causes stay in the worker's log: their messages were not written for other eyes.
     *
     * @param what which step, of what
     */
    static RuntimeException translate(String what, Exception failure) {
        if (failure instanceof ActivityCompletionException cancelled) {
            return cancelled;
        }
        TidemarkException named = failure instanceof TidemarkException known
                ? known
                : failure instanceof StagedLostException lost
                        ? new TidemarkException(FailureKind.STAGED_LOST, String.valueOf(lost.getMessage()), lost)
                        : KafkaCalls.named(what, failure);
        String message = String.valueOf(named.getMessage());
        return named.kind().retryable()
                ? ApplicationFailure.newFailure(message, named.kind().name())
                : ApplicationFailure.newNonRetryableFailure(
                        message, named.kind().name());
    }
}
