package io.tidemark.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.temporal.client.schedules.Schedule;
import io.temporal.client.schedules.ScheduleActionStartWorkflow;
import io.temporal.client.schedules.ScheduleDescription;
import io.temporal.client.schedules.ScheduleException;
import io.temporal.common.converter.DataConverterException;
import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
import io.tidemark.workflow.KafkaBatchWorkflow;
import java.util.Optional;

/**
 * A schedule at the Temporal server.
 *
 * @param description what the server says about it
 * @param job the job that it passes to each run: a copy of the job file; missing if it holds none
 */
record StoredSchedule(ScheduleDescription description, JsonNode job) {
    /** Returns the schedule with an id; empty if there is none. */
    static Optional<StoredSchedule> find(TemporalConnection connection, String id) {
        try {
            return Optional.of(of(connection.schedules().getHandle(id).describe()));
        } catch (ScheduleException e) {
            if (e.getCause() instanceof StatusRuntimeException rpc
                    && rpc.getStatus().getCode() == Status.Code.NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /**
     * Returns the schedule that an argument names: a job file, a schedule id, or the name of a job.
     *
     * @throws CliException if there is none, or if it belongs to another job than the one named
     */
    static StoredSchedule named(TemporalConnection connection, String argument) {
        Optional<JobSpec> file = JobFile.ifFile(argument).map(JobFile::job);
        if (file.isEmpty()) {
            Optional<StoredSchedule> byId = find(connection, argument);
            if (byId.isPresent()) {
                byId.get().requireJob(byId.get().jobName());
                return byId.get();
            }
        }
        String job = file.map(JobSpec::name).orElse(argument);
        Optional<StoredSchedule> own = find(connection, JobNames.scheduleId(job));
        own.ifPresent(each -> each.requireJob(job));
        return own.or(() -> file.flatMap(spec -> ofVersion01(connection, spec)))
                .orElseThrow(() -> CliException.failed("there is no schedule "
                        + (file.isPresent() ? JobNames.scheduleId(job) : argument)
                        + "; create it with ./tidemark schedule create JOB, or see all with ./tidemark schedule list"));
    }

    /** Returns the schedule of a job under the id of version 0.1; empty if there is none, or if it is another job's. */
    static Optional<StoredSchedule> ofVersion01(TemporalConnection connection, JobSpec job) {
        return find(connection, JobNames.tutorialScheduleId(job.input().topic()))
                .filter(each -> each.jobName().equals(job.name()));
    }

    static StoredSchedule of(ScheduleDescription description) {
        return new StoredSchedule(description, job(description.getSchedule()));
    }

    private static JsonNode job(Schedule schedule) {
        try {
            JsonNode job = schedule.getAction() instanceof ScheduleActionStartWorkflow action
                            && action.getArguments().getSize() > 0
                    ? action.getArguments().get(0, JsonNode.class)
                    : null;
            return job == null ? MissingNode.getInstance() : job;
        } catch (DataConverterException e) {
            return MissingNode.getInstance();
        }
    }

    String id() {
        return description.getId();
    }

    Schedule schedule() {
        return description.getSchedule();
    }

    /** Returns the name of the job; empty if the schedule holds none. */
    String jobName() {
        return job.path("name").asText();
    }

    /** Returns whether the schedule starts runs of a job, and not workflows of another program. */
    boolean startsRuns() {
        return schedule().getAction() instanceof ScheduleActionStartWorkflow action
                && action.getWorkflowType().equals(KafkaBatchWorkflow.TYPE);
    }

    /**
     * Refuses to touch the schedule if it is not the job's.
     *
     * @throws CliException with both names
     */
    void requireJob(String name) {
        if (!startsRuns()) {
            throw CliException.failed("schedule " + id() + " does not start runs of Tidemark, so nothing was done;"
                    + " see the schedules of all jobs with ./tidemark schedule list");
        } else if (!jobName().equals(name)) {
            throw CliException.failed("schedule " + id() + " belongs to the job "
                    + (jobName().isEmpty() ? "of an unknown name" : jobName()) + ", not to " + name
                    + ", so nothing was done; see the schedules of all jobs with ./tidemark schedule list");
        }
    }
}
