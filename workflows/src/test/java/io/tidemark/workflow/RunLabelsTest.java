package io.tidemark.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import io.temporal.api.common.v1.WorkflowExecution;
import io.tidemark.job.JobCodec;
import io.tidemark.job.JobSpec;
import io.tidemark.run.Closing;
import io.tidemark.run.FailureKind;
import io.tidemark.run.PartitionProblem;
import io.tidemark.run.PartitionRange;
import io.tidemark.run.PartitionResult;
import io.tidemark.run.RunPlan;
import io.tidemark.run.RunSummary;
import io.tidemark.state.PlanIdentity;
import io.tidemark.state.RecordCounts;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RunLabelsTest {
    private final JobSpec job = JobCodec.read(Jobs.voltage());

    @Test
    void anActivityNamesItsPartitions() {
        assertThat(RunLabels.activity(job, List.of(new PartitionRange(3, 0, 1200))))
                .isEqualTo("airflow-input-topic[3] 0..1200");
        assertThat(RunLabels.activity(job, List.of(new PartitionRange(3, 0, 1200), new PartitionRange(7, 5, 10))))
                .isEqualTo("airflow-input-topic[3..7], 1,205 offsets");
        assertThat(RunLabels.activity(job, List.of(new PartitionRange(3, 7, 7, new Closing(1, 2)))))
                .isEqualTo("airflow-input-topic[3], closing windows");
    }

    @Test
    void aGroupIsNamedByItsSlices() {
        JobSpec shared = JobCodec.read(Jobs.sharedBy(10));

        assertThat(RunLabels.groupId(shared, List.of(new PartitionRange(0, 0, 1), new PartitionRange(999, 0, 1))))
                .isEqualTo("tidemark-voltage-daily/slices-000-099");
    }

    @Test
    void detailsOfTenThousandPartitionsAreShort() {
        RunLedger ledger = new RunLedger(job, "run", 0);
        List<PartitionRange> ranges = new ArrayList<>();
        for (int partition = 0; partition < 10_000; partition++) {
            ranges.add(new PartitionRange(partition, 0, 10));
        }
        ledger.planned(ranges);
        for (PartitionRange each : ranges) {
            ledger.advanced(new PartitionResult(
                    each.partition(), 0, 10, new RecordCounts(each.partition(), 0, 1, 0, 0, 0, 0, 0, 0, Map.of()), 1));
            ledger.failed(new PartitionProblem(each.partition(), FailureKind.UNEXPECTED, "x".repeat(5_000)));
        }

        RunSummary summary = ledger.summary();
        String details = RunLabels.details(summary, List.of());

        assertThat(summary.details()).hasSize(RunSummary.MAX_DETAILS);
        assertThat(summary.details().get(0).partition()).isEqualTo(9_999);
        assertThat(summary.problems()).hasSize(RunSummary.MAX_DETAILS);
        assertThat(details.lines().filter(line -> line.startsWith("| 99"))).hasSize(RunLabels.MAX_ROWS);
        assertThat(details).hasSizeLessThan(20_000);
        assertThat(RunLabels.problems(summary)).hasSizeLessThan(2_000);
    }

    @Test
    void detailsAreTotalsATableAndTheProblems() {
        RunLedger ledger = new RunLedger(job, "run", 0);
        ledger.planned(List.of(new PartitionRange(0, 0, 1200), new PartitionRange(1, 0, 1200)));
        ledger.advanced(
                new PartitionResult(0, 0, 1200, new RecordCounts(1198, 0, 2, 0, 0, 0, 0, 0, 60_000, Map.of()), 4));
        ledger.done();
        ledger.failed(new PartitionProblem(1, FailureKind.STATE_LOST, "no\nprogress"));

        assertThat(RunLabels.details(ledger.summary(), List.of("Started by [run](/link)")))
                .isEqualTo("""
                **voltage-daily** running: 1 of 2 partitions done, 0 with nothing new, 1 failed; \
                1,200 of 2,400 offsets (50 %), 1,198 records, 2 bad, 4 rows

                Started by [run](/link)

                - airflow-input-topic[1] STATE_LOST: no progress

                What to do: `docs/runbook.md#state_lost`. All numbers: `./tidemark status voltage-daily --run run`

                | partition | offsets | records | bad | rows |
                |--:|--:|--:|--:|--:|
                | 0 | 0..1200 | 1,198 | 2 | 4 |
                """);
    }

    /** Rows and reasons in another script have more bytes than characters. */
    @Test
    void detailsAreCutByTheirBytes() {
        RunLedger ledger = new RunLedger(job, "run", 0);
        ledger.planned(List.of(new PartitionRange(0, 0, 1)));
        for (int partition = 0; partition < 100; partition++) {
            ledger.failed(new PartitionProblem(partition, FailureKind.UNEXPECTED, "\ud83c\udf0a電".repeat(100)));
        }

        String details = RunLabels.details(ledger.summary(), List.of());

        assertThat(details.getBytes(StandardCharsets.UTF_8)).hasSizeBetween(19_990, RunLabels.MOST_DETAILS);
        assertThat(details).endsWith("…").doesNotContain("\ufffd");
    }

    @Test
    void theSummaryOfLongTopicsIsCut() {
        String input = "i".repeat(237);
        String output = "o".repeat(237);
        var json = Jobs.voltage();
        json.withObject("/input").put("topic", input);
        json.withObject("/output").put("topic", output);

        assertThat(RunLabels.bodySummary(JobCodec.read(json)).getBytes(StandardCharsets.UTF_8))
                .hasSize(RunLabels.MOST_SUMMARY);
    }

    @Test
    void theStartedWorkflowLinksToItsRunAndItsSchedule() {
        WorkflowExecution body = WorkflowExecution.newBuilder()
                .setWorkflowId("tidemark-voltage-daily/slices-000-099")
                .setRunId("r")
                .build();

        assertThat(RunLabels.started("my space", body, "every night", "voltage-daily"))
                .isEqualTo("""
                        Run: [tidemark-voltage-daily/slices-000-099](/namespaces/my%20space/workflows/tidemark-voltage-daily%2Fslices-000-099/r)

                        Schedule: [every night](/namespaces/my%20space/schedules/every%20night)

                        End it early and well: `./tidemark finish voltage-daily`. Stop it at once: \
                        `./tidemark cancel voltage-daily`""");
    }

    @Test
    void filteredRecordsAreShownIfThereAreAny() {
        RunLedger ledger = new RunLedger(job, "run", 0);
        ledger.planned(List.of(new PartitionRange(0, 0, 1200)));
        ledger.advanced(
                new PartitionResult(0, 0, 1200, new RecordCounts(1000, 198, 2, 0, 0, 0, 0, 0, 60_000, Map.of()), 4));

        assertThat(RunLabels.details(ledger.summary(), List.of()))
                .contains(" 1,000 records, 198 filtered, 2 bad, 4 rows\n")
                .endsWith("""
                        | partition | offsets | records | filtered | bad | rows |
                        |--:|--:|--:|--:|--:|--:|
                        | 0 | 0..1200 | 1,000 | 198 | 2 | 4 |
                        """);
        assertThat(ledger.ended(RunSummary.State.DONE, 1, null).warnings()).isEmpty();
    }

    /** A wrong name in a condition must not go unnoticed. */
    @Test
    void aRunThatFiltersEveryRecordWarns() {
        RunLedger ledger = new RunLedger(job, "run", 0);
        ledger.planned(List.of(new PartitionRange(0, 0, 1200)));
        ledger.advanced(
                new PartitionResult(0, 0, 1200, new RecordCounts(0, 1197, 2, 0, 0, 1, 0, 0, 60_000, Map.of()), 0));
        assertThat(ledger.summary().warnings()).as("while it runs").isEmpty();

        assertThat(ledger.ended(RunSummary.State.DONE, 1, null).warnings())
                .containsExactly("No record was folded: where filtered 1,197 records, and 2 were bad. If that is not"
                        + " meant, try the condition on some records: ./tidemark try JOB FILE");
    }

    @Test
    void partitionsThatThePlanDoesNotNameAreCounted() {
        RunLedger ledger = new RunLedger(job, "run", 0);
        PartitionProblem named = new PartitionProblem(0, FailureKind.RETENTION_GAP, "gone");
        ledger.planned(new RunPlan(
                new PlanIdentity("f", 1, "in", "out", "state"),
                5_000,
                List.of(new PartitionRange(4_999, 0, 10)),
                List.of(named),
                0,
                0,
                null,
                List.of(),
                0,
                4_000,
                null));

        RunSummary run = ledger.summary();

        assertThat(List.of(run.failed(), run.idle())).containsExactly(4_001, 998);
        assertThat(run.problems()).containsExactly(named);
    }

    @Test
    void detailsSayWhichBudgetLeftOffsets() {
        RunLedger ledger = new RunLedger(job, "run", 0);
        PlanIdentity identity = new PlanIdentity("f", 1, "in", "out", "state");
        ledger.planned(new RunPlan(
                identity,
                4,
                List.of(new PartitionRange(0, 0, 1200), new PartitionRange(1, 0, 1200)),
                List.of(),
                600,
                1,
                "budget.records 2400",
                List.of(),
                17,
                0,
                null));
        ledger.advanced(new PartitionResult(0, 0, 1200, RecordCounts.folded(1200, 60_000), 4));
        ledger.done();
        ledger.leave(new PartitionRange(1, 200, 1200), "budget.time 1m");

        RunSummary run = ledger.summary();

        assertThat(List.of(run.partitions(), run.idle(), run.done(), run.waiting()))
                .containsExactly(4, 1, 1, 2);
        assertThat(RunLabels.details(run, List.of()))
                .startsWith("**voltage-daily** running: 1 of 3 partitions done, 1 with nothing new, 0 failed, 2 waiting"
                        + " for the next run; 1,200 of 2,400 offsets")
                .contains("\n1,600 offsets left to the next run: budget.records 2400, budget.time 1m\n")
                .contains("\n17 offsets held back by open transactions\n");
    }
}
