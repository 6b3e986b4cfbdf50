package io.tidemark.workflow;

import io.temporal.activity.LocalActivityOptions;
import io.temporal.api.enums.v1.IndexedValueType;
import io.temporal.common.RetryOptions;
import io.temporal.common.SearchAttributeKey;
import io.temporal.common.SearchAttributeUpdate;
import io.temporal.failure.ActivityFailure;
import io.temporal.workflow.Workflow;
import io.tidemark.run.RunSummary;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The search attributes that a run sets, if the namespace has them.
 *
 * <p>The server rejects a workflow task that sets an unknown attribute, and Temporal repeats the task for ever. So the run
 * asks in a local activity before each upsert. The answer becomes a part of the history together with the upsert. If the
 * namespace loses an attribute between the two, the server rejects both, and the repeated task asks again.
 */
public final class RunAttributes {
    /** The name of the job. */
    public static final SearchAttributeKey<String> JOB = SearchAttributeKey.forKeyword("TidemarkJob");
    /** {@code running}, {@code done}, {@code partial}, {@code failed} or {@code cancelled}. */
    public static final SearchAttributeKey<String> OUTCOME = SearchAttributeKey.forKeyword("TidemarkOutcome");
    /** Records that count in rows. */
    public static final SearchAttributeKey<Long> RECORDS = SearchAttributeKey.forLong("TidemarkRecords");
    /** Records that could not be counted. */
    public static final SearchAttributeKey<Long> BAD = SearchAttributeKey.forLong("TidemarkBad");
    /** Offsets that existed when the run was planned and that it left to the next run, for whatever reason. */
    public static final SearchAttributeKey<Long> LAG = SearchAttributeKey.forLong("TidemarkLag");

    /** Temporal sets it in each workflow that a schedule starts. */
    private static final SearchAttributeKey<String> SCHEDULE = SearchAttributeKey.forKeyword("TemporalScheduledById");

    /** How long a run waits for the answer. */
    public static final Duration PATIENCE = Duration.ofSeconds(5);

    private static final LocalActivityOptions ASK = LocalActivityOptions.newBuilder()
            .setScheduleToCloseTimeout(PATIENCE)
            .setRetryOptions(RetryOptions.newBuilder().setMaximumAttempts(1).build())
            .build();

    private final boolean present;
    /** Offsets that the plan leaves to the next run. */
    private long leftByPlan;

    private RunAttributes(boolean present) {
        this.present = present;
    }

    /** Returns the names of all attributes with their types. */
    public static Map<String, IndexedValueType> types() {
        Map<String, IndexedValueType> types = new TreeMap<>();
        for (SearchAttributeKey<?> each : List.of(JOB, OUTCOME, RECORDS, BAD, LAG)) {
            types.put(each.getName(), each.getValueType());
        }
        return types;
    }

    /** Returns the id of the schedule that started the current workflow, or null. */
    static @Nullable String schedule() {
        return Workflow.getTypedSearchAttributes().get(SCHEDULE);
    }

    /** Finds out whether the namespace has any of the attributes. A run that began without them sets none. */
    static RunAttributes ofNamespace() {
        boolean asks = Workflow.getVersion("search-attributes", Workflow.DEFAULT_VERSION, 1) >= 1;
        return new RunAttributes(asks && !ask(false).isEmpty());
    }

    private static List<String> ask(boolean fresh) {
        try {
            return Workflow.newLocalActivityStub(AttributeActivities.class, ASK).searchAttributes(fresh);
        } catch (ActivityFailure e) {
            return List.of();
        }
    }

    /** Sets the attributes of a run that has its plan. */
    void planned(RunSummary run) {
        leftByPlan = run.left();
        set(run, "running");
    }

    /** Sets the attributes of a run that ended without a failure. */
    void done(RunSummary run) {
        set(run, "done");
    }

    /** Sets the attributes of a run that failed or was cancelled. */
    void failed(RunSummary run) {
        boolean partial = run.failed() > 0 && run.done() > 0;
        set(run, Failures.cancelled() ? "cancelled" : partial ? "partial" : "failed");
    }

    /** Sets the attributes that the namespace has, also in a run that was cancelled. */
    private void set(RunSummary run, String outcome) {
        if (!present) {
            return;
        }
        Workflow.newDetachedCancellationScope(() -> {
                    List<String> known = ask(true);
                    List<SearchAttributeUpdate<?>> updates = new ArrayList<>(List.of(
                            JOB.valueSet(run.job()),
                            OUTCOME.valueSet(outcome),
                            RECORDS.valueSet(run.counts().folded()),
                            BAD.valueSet(run.counts().bad()),
                            LAG.valueSet(run.offsetsPlanned() - run.offsetsDone() + leftByPlan + run.heldBack())));
                    updates.removeIf(each -> !known.contains(each.getKey().getName()));
                    if (!updates.isEmpty()) {
                        Workflow.upsertTypedSearchAttributes(updates.toArray(new SearchAttributeUpdate<?>[0]));
                    }
                })
                .run();
    }
}
