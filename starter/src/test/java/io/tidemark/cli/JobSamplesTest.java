package io.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.job.JobSpec;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class JobSamplesTest {
    private static final LocalDate FROM = SampleReadings.DEFAULT_FROM;

    private static List<String> records(SampleRecords sample) {
        return LongStream.range(0, sample.size())
                .mapToObj(each -> text(sample.key(each)) + " " + text(sample.value(each)))
                .toList();
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @EnumSource(JobSamples.Kind.class)
    void theSameSeedGivesTheSameRecords(JobSamples.Kind kind) {
        assertThat(records(new JobSamples(kind, 7, FROM, 3, 200, 20)))
                .isEqualTo(records(new JobSamples(kind, 7, FROM, 3, 200, 20)))
                .isNotEqualTo(records(new JobSamples(kind, 8, FROM, 3, 200, 20)))
                .hasSize(220)
                .filteredOn(each -> each.endsWith(" not JSON"))
                .hasSize(20);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "VISIT   | u-0203 {\"at\":1166572800000,\"channel\":\"search\",\"visitor\":\"u-0203\",\"seconds\":36}",
                "BILL    | globex {\"issued\":\"2006-12-20T00:00:00Z\",\"vendor\":\"globex\",\"amount\":903.74}",
            })
    void theFirstRecordIsTheOneThatIsWrittenDown(JobSamples.Kind kind, String record) {
        assertThat(records(new JobSamples(kind, 1, FROM, 7, 10, 0)).get(0)).isEqualTo(record);
    }

    /** Each ready job has samples, and reads them without a bad record. */
    @ParameterizedTest
    @MethodSource("io.tidemark.cli.JobFilesTest#files")
    void aReadyJobReadsItsSamples(Path file) throws Exception {
        JobSpec job = JobFile.read(file, List.of()).job();
        JobSamples.Kind kind = JobSamples.kind(job.name());
        SampleRecords sample =
                kind == null ? new SampleReadings(1, FROM, 2, 2_000, 0) : new JobSamples(kind, 1, FROM, 2, 2_000, 0);
        assertThat(kind == null)
                .as("has samples of its own")
                .isEqualTo(job.name().equals("voltage-daily"));
        DryRun run = new DryRun(job);
        int folded = 0;
        for (long i = 0; i < sample.size(); i++) {
            byte[] value = sample.value(i);
            assertThat(value).isNotNull();
            folded += run.add(new RecordLine(sample.key(i), Map.of(), value), 0) ? 1 : 0;
        }

        assertThat(folded).isGreaterThan(1_000);
        assertThat(run.rows()).isNotEmpty();
    }

    @Test
    void nonsenseIsRefused() {
        assertThatThrownBy(() -> new JobSamples(JobSamples.Kind.VISIT, 1, FROM, 0, 1, 0))
                .hasMessage("days: 0 is not between 1 and 100000");
        assertThatThrownBy(() -> new JobSamples(JobSamples.Kind.VISIT, 1, FROM, 1, 100_000_001, 0))
                .hasMessage("records: 100000001 is not between 1 and 100000000");
    }

    @Test
    void aJobWithoutSamplesIsRefusedWithTheJobsThatHaveThem(@TempDir Path folder) throws Exception {
        Cli cli = Cli.run("sample", Cli.job(folder, "mine").toString());

        assertThat(cli.exitCode()).isEqualTo(2);
        assertThat(cli.err())
                .contains("there are no sample records for job mine, only for voltage-daily, bills-by-vendor, ");
    }
}
