package io.tidemark.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.tidemark.job.JobSpec;
import io.tidemark.settings.KafkaSettings;
import java.time.LocalDate;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Fills a topic with {@link SampleReadings}, or with the records of another ready job. */
@Command(
        name = "sample",
        description = {
            "Write sample readings to a topic, for jobs/voltage-daily.yaml.",
            "With a ready job such as jobs/unique-visitors.yaml, write records for that job to its input topic."
        },
        sortOptions = false)
final class SampleCommand implements Callable<Integer> {
    private static final String READINGS_JOB = "voltage-daily";

    @Parameters(
            index = "0",
            paramLabel = "TOPIC|JOB",
            description = "Topic to write to, or the file of a ready job. The topic is created if it does not exist.")
    @SuppressWarnings("NullAway.Init")
    private String target;

    @Option(
            names = "--readings",
            paramLabel = "N",
            defaultValue = "10000",
            description = "Number of good records. Default: ${DEFAULT-VALUE}.")
    private long readings;

    @Option(
            names = "--partitions",
            paramLabel = "P",
            defaultValue = "8",
            description = "Number of partitions if the topic is created. Default: ${DEFAULT-VALUE}.")
    private int partitions;

    @Option(names = "--from", paramLabel = "DATE", description = "First day of the readings. Default: 2006-12-20.")
    private LocalDate from = SampleReadings.DEFAULT_FROM;

    @Option(
            names = "--days",
            paramLabel = "D",
            defaultValue = "7",
            description = "Number of days that the readings cover. Default: ${DEFAULT-VALUE}.")
    private int days;

    @Option(
            names = "--seed",
            paramLabel = "S",
            defaultValue = "1",
            description =
                    "Seed of the random numbers; the same seed gives the same readings. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--bad",
            paramLabel = "B",
            defaultValue = "0",
            description = "Number of bad records to add. Default: ${DEFAULT-VALUE}.")
    private long bad;

    @Option(
            names = "--once",
            description = "Write nothing if records were written to the topic before, even if none of them is left.")
    private boolean once;

    @Mixin
    private KafkaOptions kafka = new KafkaOptions();

    @Mixin
    private PrintOptions print = new PrintOptions();

    @Override
    public Integer call() {
        Optional<JobSpec> job = JobFile.ifFile(target).map(JobFile::job);
        String topic = job.map(each -> each.input().topic()).orElse(target);
        String noun = job.isPresent() ? "record" : "reading";
        SampleRecords sample = sample(job);
        if (partitions < 1) {
            throw CliException.usage("--partitions " + partitions + " is not positive");
        }
        KafkaSettings settings = kafka.settings(print);
        int found;
        boolean created = false;
        long before = 0;
        try (Topics topics = new Topics(settings)) {
            Optional<Integer> existing = topics.partitions(topic);
            if (existing.isEmpty()) {
                topics.create(topic, partitions);
                created = true;
            }
            found = existing.orElse(partitions);
            if (once && !created) {
                before = topics.written(topic, found);
            }
        }
        boolean writes = before == 0;
        if (writes) {
            sample.write(settings, topic, 0, sample.size());
        }
        if (print.json()) {
            print.printer()
                    .json(JsonNodeFactory.instance
                            .objectNode()
                            .put("topic", topic)
                            .put("created", created)
                            .put("partitions", found)
                            .put("readings", writes ? readings : 0)
                            .put("bad", writes ? bad : 0)
                            .put("firstDay", from.toString())
                            .put("lastDay", from.plusDays(days - 1L).toString())
                            .put("seed", seed));
        } else {
            print.printer()
                    .line((created ? "created " : "found ") + topic + " with " + Texts.count(found, "partition"));
            if (!writes) {
                print.printer()
                        .line("wrote nothing, because " + Texts.count(before, "offset") + " of " + topic
                                + " are in use already (--once)");
                return ExitCode.DONE.code();
            }
            print.printer()
                    .line("wrote " + Texts.count(readings, noun) + " of " + from + " to "
                            + from.plusDays(days - 1L) + (bad == 0 ? "" : " and " + Texts.count(bad, "bad record"))
                            + ", seed " + seed);
        }
        return ExitCode.DONE.code();
    }

    private SampleRecords sample(Optional<JobSpec> job) {
        String name = job.map(JobSpec::name).orElse(READINGS_JOB);
        JobSamples.Kind kind = JobSamples.kind(name);
        try {
            if (kind != null) {
                return new JobSamples(kind, seed, from, days, readings, bad);
            } else if (name.equals(READINGS_JOB)) {
                return new SampleReadings(seed, from, days, readings, bad);
            }
        } catch (IllegalArgumentException e) {
            throw CliException.usage(String.valueOf(e.getMessage()));
        }
        throw CliException.usage(target + ": there are no sample records for job " + name + ", only for " + READINGS_JOB
                + ", " + JobSamples.jobs());
    }
}
