package io.tidemark.story;

import io.temporal.api.history.v1.HistoryEvent;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowStub;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** Counts the activities in the history of the body of a run. */
final class Attempts {
    /** The number of scheduled activities, by type. */
    final Map<String, Integer> scheduled = new TreeMap<>();
    /** The highest attempt number, by type of activity. */
    final Map<String, Integer> most = new TreeMap<>();

    private Attempts() {}

    /** Reads the history of the newest run of a workflow id. */
    static Attempts of(WorkflowClient client, WorkflowStub workflow) {
        Attempts attempts = new Attempts();
        Map<Long, String> types = new HashMap<>();
        for (HistoryEvent event :
                client.fetchHistory(workflow.getExecution().getWorkflowId()).getEvents()) {
            if (event.hasActivityTaskScheduledEventAttributes()) {
                String type = event.getActivityTaskScheduledEventAttributes()
                        .getActivityType()
                        .getName();
                types.put(event.getEventId(), type);
                attempts.scheduled.merge(type, 1, Integer::sum);
            } else if (event.hasActivityTaskStartedEventAttributes()) {
                var started = event.getActivityTaskStartedEventAttributes();
                attempts.most.merge(types.get(started.getScheduledEventId()), started.getAttempt(), Integer::max);
            }
        }
        return attempts;
    }

    @Override
    public String toString() {
        return "activities " + scheduled + ", attempts " + most;
    }
}
