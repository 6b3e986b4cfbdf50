package io.tidemark.workflow;

import io.temporal.api.common.v1.WorkflowExecution;
import io.temporal.workflow.Workflow;
import io.temporal.workflow.WorkflowInfo;
import io.tidemark.run.RunSummary;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The details of a run in the Web UI: its numbers, with links to the workflows that belong to it. */
final class RunDetails {
    /** A run of more groups has failed for a reason that they share. */
    private static final int MAX_CHILDREN = 5;

    private final List<String> links = new ArrayList<>();
    private int children;

    private RunDetails() {}

    /** Returns the details of the current workflow, with a link to the one that started it. */
    static RunDetails ofThisWorkflow() {
        RunDetails details = new RunDetails();
        WorkflowInfo info = Workflow.getInfo();
        info.getParentWorkflowId()
                .flatMap(id ->
                        info.getParentRunId().map(run -> "Started by " + link(info.getNamespace(), execution(id, run))))
                .ifPresent(details.links::add);
        return details;
    }

    /** Adds a link to a child workflow in which partitions failed. */
    void failedIn(WorkflowExecution child) {
        if (children++ < MAX_CHILDREN) {
            links.add("Failed in " + link(Workflow.getInfo().getNamespace(), child));
        }
    }

    /** Shows the numbers of this moment. Adds no event to the history. */
    void show(RunSummary run) {
        Workflow.setCurrentDetails(RunLabels.details(run, links));
    }

    /** Returns a link to a workflow, in Markdown. */
    static String link(String namespace, WorkflowExecution workflow) {
        return "[" + workflow.getWorkflowId() + "](/namespaces/" + encoded(namespace) + "/workflows/"
                + encoded(workflow.getWorkflowId()) + "/" + workflow.getRunId() + ")";
    }

    /** Returns a link to a schedule, in Markdown. */
    static String schedule(String namespace, String id) {
        return "[" + id + "](/namespaces/" + encoded(namespace) + "/schedules/" + encoded(id) + ")";
    }

    private static WorkflowExecution execution(String id, String run) {
        return WorkflowExecution.newBuilder().setWorkflowId(id).setRunId(run).build();
    }

    /** Percent-encodes a part of a path: the ids of groups contain a slash. */
    private static String encoded(String part) {
        StringBuilder encoded = new StringBuilder();
        for (byte each : part.getBytes(StandardCharsets.UTF_8)) {
            char ascii = (char) (each & 0xff);
            boolean plain = ascii < 128 && (Character.isLetterOrDigit(ascii) || "-._~".indexOf(ascii) >= 0);
            encoded.append(plain ? String.valueOf(ascii) : String.format(Locale.ROOT, "%%%02X", each & 0xff));
        }
        return encoded.toString();
    }
}
