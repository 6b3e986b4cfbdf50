package io.tidemark.job;

import static io.tidemark.job.form.Field.field;
import static io.tidemark.job.form.Forms.atLeast;
import static io.tidemark.job.form.Forms.choice;
import static io.tidemark.job.form.Forms.flag;
import static io.tidemark.job.form.Forms.list;
import static io.tidemark.job.form.Forms.whole;
import static io.tidemark.job.form.RecordForm.object;
import static io.tidemark.job.form.TextForm.any;
import static io.tidemark.job.form.TextForm.text;
import static io.tidemark.job.form.Times.duration;

import io.tidemark.job.form.Form;
import io.tidemark.job.form.RecordForm;
import java.time.Duration;
import java.util.List;

/**
 * The table of a job's fields. All that is known about a field stands in its entry: form, limits, meaning, default, and
 * whether it is part of the fingerprint. {@link JobCodec}, {@link JobFingerprint}, {@link JobSchema} and {@link FieldTable}
 * are made from it.
 *
 * <p>{@code alwaysInFingerprint} marks what version 0.1 wrote into every fingerprint; without it those fingerprints would
 * change, and every job that has totals would be refused. New fields take {@code inFingerprint}, or neither if they may
 * change between runs.
 */
final class JobFields {
    /** Kafka's limit for names of topics (org.apache.kafka.common.internals.Topic). */
    private static final int LONGEST_TOPIC = 249;

    /**
     * A row has the values of its group in key and value, where an escape makes up to six bytes of one. So a row has less
     * than the 1 MiB that brokers take by default.
     */
    private static final int MOST_GROUP_BYTES = 65_536;

    /** Each record of stored progress has a number for each of them. */
    private static final int MOST_OUTPUT_PARTITIONS = 1_000;

    private static final Form<String> TOPIC = topic(LONGEST_TOPIC);
    /** Leaves room for the suffix of the dead-letter topic. */
    private static final Form<String> OUTPUT_TOPIC =
            topic(LONGEST_TOPIC - JobNames.deadLetterTopic("").length());

    private static final RecordForm<InputSpec> INPUT = object(
            InputSpec.class,
            field("topic", TOPIC).alwaysInFingerprint().about("""
                            The topic to read. A run reads from where the last run ended to the last stable offset
                            that the topic has when the run starts."""),
            field("timestamp", TimeForms.TIMESTAMP)
                    .or(new TimestampSpec.RecordTime())
                    .alwaysInFingerprint()
                    .about("""
                            When a record happened: `record` for the timestamp of the Kafka record, or a field of
                            its JSON and the form of the time in it."""),
            field("check", choice(InputSpec.Check.class))
                    // What stands after the last needed field costs little to look at, and can be another record.
                    .or(InputSpec.Check.WHOLE)
                    .about("""
                            How much of a record is looked at. `whole`: up to its end, so that a record with more than
                            one JSON value, or without the end of its object, is a bad record. `needed`: only up to
                            the last field that the job needs, whatever follows."""),
            field("key", choice(InputSpec.Key.class))
                    .or(InputSpec.Key.STRING)
                    .inFingerprint()
                    .about("""
                            How the key of a record is read, if the job names it: `string` as a text in UTF-8, `json` as
                            a JSON object with fields, `long` as a whole number of eight bytes (Kafka's
                            `LongSerializer`)."""),
            field("dataLoss", choice(InputSpec.DataLoss.class))
                    .or(InputSpec.DataLoss.FAIL)
                    .about("""
                            What a run does if retention deleted records before they were read. `fail` stops reading
                            the partition until you decide; `continue` resumes at the oldest remaining record and
                            reports how many offsets were lost."""),
            field("openTransactions", choice(InputSpec.OpenTransactions.class))
                    .or(InputSpec.OpenTransactions.PROCEED)
                    .about("""
                            Records behind an open transaction cannot be read yet. `proceed` processes the records
                            before it and reports how many are held back; `wait` waits for what was there when the
                            run started, at most for `limits.time`."""),
            field("rows", choice(InputSpec.Rows.class))
                    .or(InputSpec.Rows.REFUSE)
                    .about("""
                            What a run does if the input holds rows that another Tidemark job wrote. A job writes a row
                            again whenever it changes. `refuse` fails the run before it reads anything; `count` counts
                            each row as a record, also if it only corrects an earlier one."""),
            field("until", choice(InputSpec.Until.class))
                    .or(InputSpec.Until.END)
                    .about("""
                            Where a run ends. `end`: at the last stable offset of each partition when the run starts.
                            `nominal`: before the first record whose Kafka timestamp is at or after the nominal time of
                            the run, which is the time of its schedule, or `--at`. So a run that starts late takes the
                            same records."""),
            field("maxRecordBytes", whole(1_024, 1_000_000_000))
                    // 16 times what Kafka's producers send by default. A dead letter of this size still fits into a
                    // request of the worker's producer.
                    .or(16 * 1024 * 1024)
                    .about("""
                            Size of the largest record that can be counted: key, value and headers, without
                            compression. A larger one is a bad record, and its dead letter has no key and no value. A
                            worker needs memory for the largest record of each read."""));

    private static final RecordForm<OutputSpec> OUTPUT = object(
            OutputSpec.class,
            field("topic", OUTPUT_TOPIC).alwaysInFingerprint().about("""
                            The topic to write rows to. A row goes to the partition number that its records came
                            from; for `scope: topic` see `partitions`. The first run creates the topic, compacted, if
                            it does not exist."""),
            field("partitions", whole(1, MOST_OUTPUT_PARTITIONS))
                    .or(OutputSpec.PARTITIONS)
                    .inFingerprint()
                    .about("""
                            With `scope: topic`: how many partitions the output has. A row goes to the partition where
                            Kafka's default partitioner puts its key, so the number cannot be changed after the first
                            run."""),
            field("key", any("a template such as '{date}/{channel}'").as(KeyTemplate::new, JobFields::template))
                    .or(KeyTemplate.JSON, "a JSON object of window and groups")
                    .inFingerprint()
                    .about("""
                            A template of the row's key, which names the window and every `groupBy` field in braces."""),
            field("row", new RowForm())
                    .or(RowShape.DEFAULT, "window, groups and aggregates")
                    // A topic has rows of one shape; a change would leave old rows in the old one.
                    .inFingerprint()
                    .about("""
                            The fields of a row, in their order, each with the name of what it shows in braces: a group,
                            an aggregate, `window`, `window.start`, `window.end`, `window.startMillis`,
                            `window.endMillis` or `count`. Each aggregate must be shown."""),
            field("numbers", choice(OutputSpec.Numbers.class))
                    .or(OutputSpec.Numbers.JSON)
                    .inFingerprint()
                    .about("""
                            How aggregates and counts are written in a row: `json` as numbers, `text` as strings with the
                            same digits, for readers that would round a number to a double."""),
            field("grow", flag()).or(false).about("""
                            `true` adds partitions to an output topic that has fewer than the input. With `false`
                            such a run is refused."""),
            field("shared", flag()).or(false).about("""
                            `true` allows other writers in the output topic. With `false` the first run is refused if
                            the topic already has records, and later runs warn of other writers. The last row of a key
                            counts, whoever wrote it."""),
            field("dataLoss", choice(InputSpec.DataLoss.class))
                    .or(InputSpec.DataLoss.FAIL)
                    .about("""
                            What a run does if the brokers lost rows of the output. `fail` fails the partition;
                            `continue` warns and goes on. A lost row is written again when a later record changes it."""),
            field("emit", choice(OutputSpec.Emit.class))
                    .or(OutputSpec.Emit.CHANGES)
                    .about("""
                            When the row of a window is written. `changes`: with each run that changes it. `final`:
                            once, when the window closes, and never again; this needs `close`."""));

    private static final RecordForm<CloseSpec> CLOSE = object(
            CloseSpec.class,
            field("after", duration(Duration.ZERO)).about("""
                            How long after its end a window still takes records."""),
            field("by", choice(CloseSpec.By.class)).or(CloseSpec.By.RUN).about("""
                            Which time tells that a window may close. `run`: the nominal time of a run that has read all
                            records of before that time. `eventTime`: the greatest event time in the partition, for
                            replays of old data; a partition without new records then closes nothing."""),
            field("late", choice(CloseSpec.Late.class))
                    .or(CloseSpec.Late.DEAD_LETTER)
                    .about("""
                            What becomes of a record whose window is closed. `deadLetter` sends it to the topic
                            `<output.topic>.dead-letter` with the reason LATE; `count` only counts it."""),
            field("maxAhead", duration(Duration.ofMillis(1)))
                    .or(CloseSpec.MAX_AHEAD)
                    .about("""
                            With `by: eventTime`: how far the time of a record may be ahead of the timestamp of its
                            Kafka record. A record beyond that is a bad record, because it would close windows too
                            early."""));

    private static final RecordForm<BadRecordSpec> BAD_RECORDS = object(
                    BadRecordSpec.class,
                    field("policy", choice(BadRecordSpec.Policy.class))
                            .or(BadRecordSpec.Policy.DEAD_LETTER)
                            .alwaysInFingerprint()
                            .about("""
                                    What happens to a record that cannot be counted: `deadLetter` sends it to the topic
                                    `<output.topic>.dead-letter`, `skip` only counts it, `fail` fails its partition.
                                    `badRecords: skip` is short for `badRecords: { policy: skip }`."""),
                    field("limit", atLeast(0))
                            // Enough for a dirty source, far fewer than a job makes that reads the wrong field.
                            .or(10_000L)
                            .about("""
                                    Most bad records of one partition in one run. Beyond this number the partition fails."""),
                    field("groupBytes", whole(1, MOST_GROUP_BYTES))
                            // Room for long names and URLs; a row with it is far smaller than a broker's largest
                            // record.
                            .or(4_096)
                            .about("""
                                    Most bytes (UTF-8) of a record's `groupBy` values together. A record with longer
                                    values is a bad record."""))
            .shortFor("policy");

    private static final RecordForm<RunLimits> LIMITS = object(
            RunLimits.class,
            field("offsetsPerRun", atLeast(1)).or(Long.MAX_VALUE, "no limit").about("""
                            Most offsets that a run takes from one partition. The rest is left to the next run."""),
            field("offsetsPerPiece", atLeast(1))
                    // A lost piece costs one or two minutes of reading again.
                    .or(50_000_000L)
                    .about("""
                            Most offsets of one partition in one transaction. A run processes a backlog piece by
                            piece."""),
            field("offsetsPerSplit", atLeast(1))
                    // One or two seconds of reading for one core, which is what a dead worker loses.
                    .or(8_000_000L)
                    .about("""
                            Most offsets that one activity reads. At most 8 splits of a piece are read at once. A
                            run of few slices makes shorter splits, down to 2,000,000 offsets."""),
            field(
                            "slicesInFlight",
                            // Temporal recommends at most 50 results at once.
                            whole(1, 50))
                    // More slices would only wait in the workers' queues.
                    .or(16)
                    .about("Slices that are processed at once, in each group of 100 slices."),
            field("cells", whole(1, Integer.MAX_VALUE))
                    // About 100 MB in a worker.
                    .or(1_000_000)
                    .about("""
                            Most cells (a window and a group) of one partition in windows that are not closed. Without
                            `close`, those of all runs of the job."""),
            field("bytes", atLeast(1))
                    // A broker keeps it on disk, and each batch reads and writes only the part that it touches.
                    .or(1024L * 1024 * 1024)
                    .about("""
                            Most bytes of the stored totals of one partition, where they are counted: in jobs with `close`, and
                            in jobs with other aggregates than `count` and `sum`, `mean`, `min` and `max` of doubles.
                            Beyond it the partition fails."""),
            field("closeCells", whole(1, Integer.MAX_VALUE))
                    // A transaction of this many rows takes a second or two.
                    .or(100_000)
                    .about("""
                            About how many cells of one partition are closed in one transaction, which closes at least
                            one window. The rest follows in further transactions of the same run."""),
            field("time", duration(Duration.ofMillis(1)))
                    // The run timeout of the tutorial's DAG.
                    .or(Duration.ofMinutes(60))
                    .about("""
                            How long a run may take. Partitions that are not done by then are reported as failed and
                            left to the next run."""),
            field("heartbeat", duration(Duration.ofSeconds(1)))
                    // Twice the longest pause seen in a busy worker, three times the heartbeat interval.
                    .or(Duration.ofSeconds(15))
                    .about("How long an activity may send no heartbeat before Temporal retries it."),
            field("hostTimeout", duration(Duration.ofMillis(1)))
                    // Longer than the restart of a worker in a deployment.
                    .or(Duration.ofMinutes(2))
                    .about("""
                            How long a host may leave its task queue unanswered before its slices are read again by
                            another worker."""));

    private static final RecordForm<RunBudget> BUDGET = object(
            RunBudget.class,
            field("records", atLeast(1))
                    .or(Long.MAX_VALUE, "no limit")
                    .about("Most offsets that a run takes from all partitions together."),
            field("bytes", atLeast(1)).or(Long.MAX_VALUE, "no limit").about("""
                            Most bytes of keys and values that a run takes from all partitions together, by an
                            estimate."""),
            field("time", duration(Duration.ofMillis(1)))
                    .or(null, "no limit")
                    .about("After this time a run starts no new reads. Must be shorter than `limits.time`."));

    private static final RecordForm<NamesSpec> NAMES = object(
            NamesSpec.class,
            field(
                            "prefix",
                            text(
                                    "(?!.*tidemark)[a-zA-Z0-9._-]{0,100}",
                                    "at most 100 characters of a-z, A-Z, 0-9, '.', '_' and '-', without the word tidemark"))
                    .or("", "none")
                    .inFingerprint()
                    .about("""
                            Stands before the names of the job's group, state topic and transactional ids, for a
                            cluster where a team may only use names with its own prefix: `team-x.` gives the state topic
                            `team-x.tidemark.<name>.state`. A job with another prefix is another job: it begins anew.
                            The dead-letter topic begins with `output.topic`."""));

    static final RecordForm<JobSpec> JOB = object(
            JobSpec.class,
            field(
                            "name",
                            text(
                                    "[a-z0-9][a-z0-9-]{0,62}",
                                    "1 to 63 characters of a-z, 0-9 and '-', with a letter or digit first"))
                    .alwaysInFingerprint()
                    .about("""
                            The job's identity: its consumer group, state topic and transactional ids are made from
                            it."""),
            field("input", INPUT).about("What to read."),
            field("where", ConditionParser.FORM)
                    .or(null, "every record counts")
                    .inFingerprint()
                    .about("""
                            Which records count. A record of which the condition is false is filtered: it is counted, and
                            changes nothing else. A record of which it is neither true nor false, because a field is
                            missing or has another type, is a bad record."""),
            field("window", TimeForms.WINDOW).alwaysInFingerprint().about("""
                            Which records go into one row, by their time. `none` makes one row for all of time;
                            `day` is short for `{ every: day }`."""),
            field("close", CLOSE).or(null, "windows stay open").about("""
                            When windows close. A closed window takes no more records, and its totals are removed from
                            the state, so that the state does not grow with the age of the job. May be added to a job
                            that has run, and changed, but not removed once windows are closed."""),
            field("groupBy", list(new GroupForm(), "a list of paths such as [channel, meter.id]"))
                    .or(List.of())
                    .alwaysInFingerprint()
                    .about("""
                            Paths of JSON fields, or objects such as `{ path: site.country, as: country, absent:
                            unknown }`: see *Fields of a record*. There is one row for each window and each combination
                            of their values: strings, numbers, true and false. The string 7 and the number 7 are two
                            groups."""),
            field("aggregate", new AggregateForm()).alwaysInFingerprint().about("""
                            The values of a row, in their order: `name: count`, or `name: { function: path }` with one of
                            the functions below and its options. A record of which a field is missing or has another
                            type is a bad record."""),
            field("scope", choice(Scope.class))
                    .or(Scope.PARTITION)
                    .inFingerprint()
                    .about("""
                            Which records a row has. `partition`: those of one input partition, so a group whose records
                            are in several partitions has a row in each. `topic`: those of all partitions, so each window
                            and group has one row."""),
            field("output", OUTPUT).about("Where to write rows."),
            field("start", TimeForms.START).or(new StartSpec.Earliest()).about("""
                            Where the first run starts to read: `earliest`, `latest`, a time such as
                            `2026-11-01T00:00:00Z` (by the timestamps of Kafka records), `group` for offsets that
                            were committed in the job's own consumer group, or `{ group: other }` for those of
                            another group. Partitions that are added later are read from their start."""),
            field("overlap", choice(JobSpec.Overlap.class))
                    .or(JobSpec.Overlap.REFUSE)
                    .about("""
                            What a run does while another run of the job is active: `refuse` fails at once and names
                            the other run, `wait` waits for its end."""),
            field("deadline", duration(Duration.ofSeconds(1))).or(null, "none").about("""
                            How long after its nominal time, which is the time of its schedule, a run should have ended. A
                            run that has not is reported as late, once, and goes on. May be changed at any time."""),
            field("partitionsPerSlice", whole(1, JobSpec.MAX_PARTITIONS_PER_SLICE))
                    .or(1)
                    .alwaysInFingerprint()
                    .about("""
                            How many neighbouring partitions form a slice, which is processed by one chain of
                            activities and one transaction. More than one suits many small partitions: for a topic
                            with more than 100, the first run and `validate --kafka-config` suggest a value."""),
            field("badRecords", BAD_RECORDS)
                    .or(BAD_RECORDS.defaults())
                    .about("What to do with records that cannot be counted."),
            field("limits", LIMITS).or(LIMITS.defaults()).about("""
                            How much one run does at once. Reaching a limit fails the run and names the limit."""),
            field("budget", BUDGET).or(BUDGET.defaults()).about("""
                            How much of what is new one run takes. Reaching a budget ends the run successfully."""),
            field("names", NAMES).or(NamesSpec.NONE).about("How the names of what the job has in Kafka begin."));

    private JobFields() {}

    /** A name that Kafka accepts for a topic. */
    private static Form<String> topic(int longest) {
        return text(
                "(?!\\.{1,2}$)[a-zA-Z0-9._-]{1," + longest + "}",
                "a topic name: 1 to " + longest + " characters of a-z, A-Z, 0-9, '.', '_' and '-'");
    }

    private static String template(KeyTemplate key) {
        String text = key.text();
        if (text == null) {
            throw new IllegalArgumentException("the default key has no template");
        }
        return text;
    }
}
