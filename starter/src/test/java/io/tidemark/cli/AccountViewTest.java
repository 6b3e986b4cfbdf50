package io.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.run.PartitionResult;
import io.tidemark.run.RunSummary;
import io.tidemark.run.RunSummary.State;
import io.tidemark.run.StateSize;
import io.tidemark.state.RecordCounts;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What an account says besides the fates of offsets, which {@link ViewsTest} has. */
class AccountViewTest {
    private static final Instant START = Instant.parse("2026-11-23T10:00:00Z");

    private final StringWriter text = new StringWriter();
    private final Printer printer = new Printer(new PrintWriter(text));

    @Test
    void badRecordsAreShownByReasonThoseWithTheMostFirst() {
        RecordCounts first = new RecordCounts(5, 0, 3, 0, 0, 0, 0, 0, 9, Map.of("NOT_JSON", 1L, "BAD_TIME", 2L));
        RecordCounts second = new RecordCounts(6, 0, 1_000, 0, 0, 0, 0, 0, 9, Map.of("WRONG_TYPE", 1_000L));
        RunSummary run = ViewsTest.summary(
                State.DONE,
                1_014,
                1_014,
                List.of(new PartitionResult(0, 0, 8, first, 1), new PartitionResult(1, 0, 1_006, second, 1)),
                null);

        SummaryView.printAccount(printer, run, START, false);
        SummaryView.print(printer, run, START, false);

        assertThat(text.toString())
                .contains("\n  bad records: 1,000 WRONG_TYPE, 2 BAD_TIME, 1 NOT_JSON\n")
                .contains(" 0 skipped: 1,000 WRONG_TYPE, 2 BAD_TIME, 1 NOT_JSON\n");
        assertThat(SummaryView.json(run).path("counts").path("reasons"))
                .hasToString("{\"BAD_TIME\":2,\"NOT_JSON\":1,\"WRONG_TYPE\":1000}");
    }

    @Test
    void anAccountSaysHowLargeTheStateIs() {
        SummaryView.printAccount(printer, sized(new StateSize(1_234_567, 5_000_000L)), START.plusMillis(400), false);
        SummaryView.printAccount(printer, sized(new StateSize(1, null)), START.plusMillis(400), false);

        assertThat(text.toString())
                .contains("\n  stored totals: 1,234,567 cells, 4.8 MB\n")
                .contains("\n  stored totals: 1 cell\n");
        assertThat(SummaryView.json(sized(new StateSize(7, 90L))).path("stateSize"))
                .hasToString("{\"cells\":7,\"bytes\":90}");
        assertThat(SummaryView.json(sized(new StateSize(7, null))).path("stateSize"))
                .hasToString("{\"cells\":7,\"bytes\":null}");
        assertThat(SummaryView.json(sized(null)).has("stateSize")).isFalse();
    }

    private static RunSummary sized(@Nullable StateSize size) {
        PartitionResult all = new PartitionResult(0, 0, 1_000, RecordCounts.folded(1_000, 1), 2);
        return ViewsTest.summary(State.DONE, 1_000, 1_000, List.of(all), size);
    }
}
