package io.tidemark.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.google.protobuf.Timestamp;
import io.temporal.api.common.v1.Payloads;
import io.temporal.api.history.v1.HistoryEvent;
import io.temporal.common.converter.DataConverterException;
import io.tidemark.run.RunSummary;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The steps of a run, as the history of its body has them: activities, and child workflows for groups of slices. */
final class RunSteps {
    /** Most steps in a document: about 40 KB of JSON. */
    static final int MOST = 200;

    private static final Comparator<Step> BY_START =
            Comparator.comparing((Step each) -> each.scheduled).thenComparing(each -> each.detail);

    private final Map<Long, Step> steps = new LinkedHashMap<>();
    private final List<RunSummary> groups = new ArrayList<>();

    /** A step; {@code started} and {@code ended} are null until they come. */
    private static final class Step {
        private final String name;
        private final String detail;
        private final Instant scheduled;
        private @Nullable Instant started;
        private @Nullable Instant ended;
        private int attempts = 1;
        private String outcome = "open";

        Step(String name, String detail, Instant scheduled) {
            this.name = name;
            this.detail = detail;
            this.scheduled = scheduled;
        }

        private Duration length(Instant now) {
            return Duration.between(scheduled, ended == null ? now : ended);
        }
    }

    /** The steps of a run whose history is not known. */
    static final RunSteps NONE = new RunSteps();

    private RunSteps() {}

    static RunSteps of(RunHistory history) {
        RunSteps steps = new RunSteps();
        history.events().forEach(each -> steps.add(history, each));
        return steps;
    }

    /** Returns the longest steps, at most {@link #MOST}, in the order in which they were scheduled. */
    ArrayNode json(Instant now) {
        ArrayNode json = JsonNodeFactory.instance.arrayNode();
        steps.values().stream()
                .sorted(Comparator.comparing((Step each) -> each.length(now)).reversed())
                .limit(MOST)
                .sorted(BY_START)
                .forEach(each -> json.addObject()
                        .put("step", each.name)
                        .put("detail", each.detail)
                        .put("scheduled", each.scheduled.toString())
                        .put("started", text(each.started))
                        .put("ended", text(each.ended))
                        .put("attempts", each.attempts)
                        .put("outcome", each.outcome));
        return json;
    }

    int leftOut() {
        return Math.max(0, steps.size() - MOST);
    }

    /**
     * Returns the numbers of each partition that is known: {@code [partition, offsets, bad records, rows, failed]}. A run of
     * many partitions has groups, and their results have more of them than its summary.
     *
     * @param summary of the run, as {@link SummaryView#json} makes it
     */
    ArrayNode partitions(JsonNode summary) {
        Map<Integer, long[]> known = new TreeMap<>();
        groups.forEach(each -> add(known, SummaryView.json(each)));
        add(known, summary);
        ArrayNode json = JsonNodeFactory.instance.arrayNode();
        known.forEach((partition, numbers) -> {
            ArrayNode one = json.addArray().add(partition);
            for (long each : numbers) {
                one.add(each);
            }
        });
        return json;
    }

    private static void add(Map<Integer, long[]> known, JsonNode summary) {
        for (JsonNode each : summary.path("details")) {
            JsonNode counts = each.path("counts");
            known.put(each.path("partition").asInt(), new long[] {
                each.path("next").asLong() - each.path("from").asLong(),
                counts.path("deadLettered").asLong() + counts.path("skipped").asLong(),
                each.path("rows").asLong(),
                0
            });
        }
        for (JsonNode each : summary.path("problems")) {
            known.computeIfAbsent(each.path("partition").asInt(), none -> new long[4])[3] = 1;
        }
    }

    private void add(RunHistory history, HistoryEvent event) {
        switch (event.getEventType()) {
            case EVENT_TYPE_ACTIVITY_TASK_SCHEDULED ->
                begin(
                        history,
                        event,
                        event.getActivityTaskScheduledEventAttributes()
                                .getActivityType()
                                .getName(),
                        "");
            case EVENT_TYPE_ACTIVITY_TASK_STARTED -> {
                var started = event.getActivityTaskStartedEventAttributes();
                started(started.getScheduledEventId(), event, started.getAttempt());
            }
            case EVENT_TYPE_ACTIVITY_TASK_COMPLETED ->
                end(event.getActivityTaskCompletedEventAttributes().getScheduledEventId(), event, "done");
            case EVENT_TYPE_ACTIVITY_TASK_FAILED ->
                end(event.getActivityTaskFailedEventAttributes().getScheduledEventId(), event, "failed");
            case EVENT_TYPE_ACTIVITY_TASK_TIMED_OUT ->
                end(event.getActivityTaskTimedOutEventAttributes().getScheduledEventId(), event, "timedOut");
            case EVENT_TYPE_ACTIVITY_TASK_CANCELED ->
                end(event.getActivityTaskCanceledEventAttributes().getScheduledEventId(), event, "cancelled");
            case EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED -> {
                var child = event.getStartChildWorkflowExecutionInitiatedEventAttributes();
                begin(history, event, child.getWorkflowType().getName(), child.getWorkflowId());
            }
            case EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_STARTED ->
                started(event.getChildWorkflowExecutionStartedEventAttributes().getInitiatedEventId(), event, 1);
            case EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_COMPLETED -> {
                var child = event.getChildWorkflowExecutionCompletedEventAttributes();
                end(child.getInitiatedEventId(), event, "done");
                group(history, child.getResult());
            }
            case EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_FAILED ->
                end(event.getChildWorkflowExecutionFailedEventAttributes().getInitiatedEventId(), event, "failed");
            case EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_TIMED_OUT ->
                end(event.getChildWorkflowExecutionTimedOutEventAttributes().getInitiatedEventId(), event, "timedOut");
            case EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_CANCELED ->
                end(event.getChildWorkflowExecutionCanceledEventAttributes().getInitiatedEventId(), event, "cancelled");
            case EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_TERMINATED ->
                end(event.getChildWorkflowExecutionTerminatedEventAttributes().getInitiatedEventId(), event, "failed");
            default -> {}
        }
    }

    private void begin(RunHistory history, HistoryEvent event, String name, String otherwise) {
        String detail = "";
        if (event.hasUserMetadata() && event.getUserMetadata().hasSummary()) {
            try {
                detail = String.valueOf(history.converter()
                        .fromPayload(event.getUserMetadata().getSummary(), String.class, String.class));
            } catch (DataConverterException e) {
                // A step without its summary is still a step.
            }
        }
        steps.put(event.getEventId(), new Step(name, detail.isEmpty() ? otherwise : detail, time(event)));
    }

    private void started(long of, HistoryEvent event, int attempt) {
        Step step = steps.get(of);
        if (step != null) {
            step.started = time(event);
            step.attempts = Math.max(1, attempt);
        }
    }

    private void end(long of, HistoryEvent event, String outcome) {
        Step step = steps.get(of);
        if (step != null) {
            step.ended = time(event);
            step.outcome = outcome;
        }
    }

    private void group(RunHistory history, Payloads result) {
        try {
            RunSummary summary =
                    history.converter().fromPayloads(0, Optional.of(result), RunSummary.class, RunSummary.class);
            if (summary != null) {
                groups.add(summary);
            }
        } catch (DataConverterException e) {
            // A worker of another version; the summary of the run has the sums.
        }
    }

    private static Instant time(HistoryEvent event) {
        Timestamp time = event.getEventTime();
        return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
    }

    private static @Nullable String text(@Nullable Instant time) {
        return time == null ? null : time.toString();
    }
}
