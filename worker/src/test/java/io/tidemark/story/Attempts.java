package io.tidemark.story;

import io.temporal.api.history.v1.HistoryEvent;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowStub;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** What the history of a run's body says about its activities. */
final class Attempts {
    /** How often each type of activity was scheduled. */
    final Map<String, Integer> scheduled = new TreeMap<>();
    /** The highest attempt that any activity of a type came to. */
    final Map<String, Integer> most = new TreeMap<>();

    private Attempts() {}

    /** Of the newest run under a workflow id. */
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
