package io.tidemark.exporter;

import io.tidemark.metrics.SnapshotMeters.Family;
import java.util.List;

/** The metrics of the exporter. docs/reference/exporter.md says more about each. */
enum Metric {
    LAST_SUCCESS("job_last_success_timestamp_seconds", "End of the last run that succeeded", "job_name"),
    LAST_END("job_last_end_timestamp_seconds", "End of the last run", "job_name"),
    LAST_RUN_SECONDS("job_last_run_seconds", "Time from start to end of the last run", "job_name"),
    LAST_OUTCOME("job_last_outcome", "1 for the way in which the last run ended, 0 for others", "job_name", "outcome"),
    RUNNING("job_running", "1 while a run is in progress, else 0", "job_name"),
    RUN_STARTED("job_run_started_timestamp_seconds", "Start of the run in progress", "job_name"),
    SCHEDULE_PERIOD(
            "job_schedule_period_seconds", "Longest time between two of the schedule's next ten times", "job_name"),
    SCHEDULE_CREATED("job_schedule_created_timestamp_seconds", "When the schedule was created", "job_name"),
    SCHEDULE_PAUSED("job_schedule_paused", "1 while the schedule is paused, else 0", "job_name"),
    SCHEDULE_MISSED("job_schedule_missed_total", "Runs that the schedule missed and will not start", "job_name"),
    SCHEDULE_SKIPPED(
            "job_schedule_skipped_total", "Runs that the schedule left out because a run was in progress", "job_name"),
    NEXT_RUN("job_next_run_timestamp_seconds", "When the schedule starts the next run", "job_name"),
    RUN_TIMEOUT("job_run_timeout_seconds", "Time after which Temporal ends a scheduled run", "job_name"),
    LAG_OFFSETS("job_lag_offsets", "Offsets that the next run can read", "job_name", "topic"),
    LAG_SECONDS("job_lag_seconds", "Age of the oldest record that the next run can read", "job_name", "topic"),
    HEADROOM(
            "input_retention_headroom_seconds",
            "Time until retention may remove the first unread record",
            "job_name",
            "topic"),
    HELD_BACK("input_held_back_offsets", "Offsets behind open transactions", "job_name", "topic"),
    OPEN_TRANSACTION(
            "input_oldest_open_transaction_seconds",
            "Age of the oldest transaction that holds offsets back",
            "job_name",
            "topic"),
    STATE_CELLS("state_cells", "Cells of all stored totals", "job_name"),
    STATE_BYTES("state_bytes", "Bytes of all stored totals", "job_name"),
    STATE_LIMIT_RATIO(
            "state_limit_ratio", "Share of limits.cells or limits.bytes that the fullest partition uses", "job_name"),
    POLLERS("task_queue_pollers", "Workers that have polled within two minutes", "task_queue", "kind"),
    BACKLOG("task_queue_backlog", "Tasks that wait for a worker", "task_queue", "kind"),
    JOBS("exporter_jobs", "Jobs that are known"),
    ERRORS("exporter_errors_total", "Questions without an answer", "source"),
    REFRESHED("exporter_refresh_timestamp_seconds", "When the values were collected"),
    REFRESH_SECONDS("exporter_refresh_seconds", "How long that took"),
    BUILD("exporter_build_info", "Always 1; the labels are the versions of Tidemark and of Java", "version", "java");

    private final Family family;

    Metric(String name, String help, String... labels) {
        family = new Family("tidemark_" + name, help, List.of(labels));
    }

    Family family() {
        return family;
    }
}
