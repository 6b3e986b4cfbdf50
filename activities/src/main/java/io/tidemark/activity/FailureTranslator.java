package io.tidemark.activity;

import io.temporal.client.ActivityCompletionException;
import io.temporal.failure.ApplicationFailure;
import io.tidemark.kafka.client.KafkaCalls;
import io.tidemark.run.FailureKind;
import io.tidemark.run.TidemarkException;
import io.tidemark.stage.StagedLostException;

/** Translates any exception to a failure whose type is the name of a {@link FailureKind}. */
final class FailureTranslator {
    private FailureTranslator() {}

    /**
     * Returns the failure for Temporal. Causes are only logged by the worker: their messages may contain data that must
     * not leave it.
     *
     * @param what the step and its topic
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
