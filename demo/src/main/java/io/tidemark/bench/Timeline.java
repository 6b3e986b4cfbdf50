package io.tidemark.bench;

import io.temporal.api.history.v1.HistoryEvent;
import io.temporal.client.WorkflowClient;
import io.temporal.common.WorkflowExecutionHistory;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Prints when the tasks of a run's workflows were scheduled, how long they waited, and how long they took. */
final class Timeline {
    /** A task of a workflow or of an activity; all times are in milliseconds since 1970. */
    private record Task(String name, long scheduled, long started, long ended) {}

    private final List<Task> tasks = new ArrayList<>();
    private final long begun;

    /** Reads the histories of the last executions with these ids; the first one begins the run. */
    Timeline(WorkflowClient client, List<String> workflows) {
        long first = Long.MAX_VALUE;
        for (String workflow : workflows) {
            WorkflowExecutionHistory history = client.fetchHistory(workflow);
            first = Math.min(first, millis(history.getEvents().get(0)));
            add(workflow, history.getEvents());
        }
        begun = first;
        tasks.sort(Comparator.comparingLong(Task::scheduled).thenComparingLong(Task::started));
    }

    private void add(String workflow, List<HistoryEvent> events) {
        for (HistoryEvent each : events) {
            switch (each.getEventType()) {
                case EVENT_TYPE_WORKFLOW_TASK_COMPLETED -> {
                    var task = each.getWorkflowTaskCompletedEventAttributes();
                    add(
                            workflow + ": workflow task",
                            event(events, task.getScheduledEventId()),
                            event(events, task.getStartedEventId()),
                            each);
                }
                case EVENT_TYPE_ACTIVITY_TASK_COMPLETED -> {
                    var task = each.getActivityTaskCompletedEventAttributes();
                    HistoryEvent scheduled = event(events, task.getScheduledEventId());
                    add(
                            workflow + ": "
                                    + scheduled
                                            .getActivityTaskScheduledEventAttributes()
                                            .getActivityType()
                                            .getName(),
                            scheduled,
                            event(events, task.getStartedEventId()),
                            each);
                }
                default -> {
                    // Neither takes time.
                }
            }
        }
    }

    /** Returns the event with this id. The ids of a history begin with 1. */
    private static HistoryEvent event(List<HistoryEvent> events, long id) {
        return events.get(Math.toIntExact(id - 1));
    }

    private void add(String name, HistoryEvent scheduled, HistoryEvent started, HistoryEvent ended) {
        tasks.add(new Task(name, millis(scheduled), millis(started), millis(ended)));
    }

    private static long millis(HistoryEvent event) {
        return event.getEventTime().getSeconds() * 1000 + event.getEventTime().getNanos() / 1_000_000;
    }

    void print(PrintWriter out) {
        out.println("     at  waited    took  task");
        for (Task each : tasks) {
            out.printf(
                    Locale.ROOT,
                    "%4d ms %4d ms %4d ms  %s%n",
                    each.scheduled - begun,
                    each.started - each.scheduled,
                    each.ended - each.started,
                    each.name);
        }
    }
}
