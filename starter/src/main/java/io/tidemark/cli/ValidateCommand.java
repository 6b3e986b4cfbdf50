package io.tidemark.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.aggregate.CellLayout;
import io.tidemark.aggregate.OwnAggregates;
import io.tidemark.job.AggregateOptions;
import io.tidemark.job.AggregateOptions.Method;
import io.tidemark.job.AggregationSpec.Function;
import io.tidemark.job.CloseSpec;
import io.tidemark.job.Condition;
import io.tidemark.job.GroupField;
import io.tidemark.job.InputSpec.Rows;
import io.tidemark.job.JobFingerprint;
import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
import io.tidemark.job.RunBudget;
import io.tidemark.job.Scope;
import io.tidemark.job.SliceAdvice;
import io.tidemark.job.StartSpec;
import io.tidemark.job.TimestampSpec;
import io.tidemark.job.WindowSpec;
import io.tidemark.job.form.ChoiceForm;
import io.tidemark.job.form.Times;
import io.tidemark.part.ExactDistinct;
import io.tidemark.settings.KafkaSettings;
import io.tidemark.state.ChunkCodec;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.apache.kafka.common.KafkaException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Prints what a job file means. Connects to Kafka only if {@code --kafka-config} is given. */
@Command(
        name = "validate",
        description = {
            "Check a job file without any server. Prints the names that Tidemark derives from it, the permissions that it"
                    + " needs in Kafka, and an example row.",
            "With --kafka-config it also checks the settings, connects to Kafka, reads the number of partitions of the input"
                    + " topic and may advise a value for partitionsPerSlice. It fails if the newest records of the input are"
                    + " rows of another job.",
            "Without --kafka-config it reads no settings file, also not those that environment variables name."
        },
        sortOptions = false)
final class ValidateCommand implements Callable<Integer> {
    @Mixin
    private JobOptions job = new JobOptions();

    @Mixin
    private KafkaOptions kafka = new KafkaOptions();

    @Mixin
    private PrintOptions print = new PrintOptions();

    /** One permission that the worker's user needs in Kafka. */
    record Permission(String resource, String name, String operations, String why, boolean optional) {
        Permission(String resource, String name, String operations, String why) {
            this(resource, name, operations, why, false);
        }
    }

    @Override
    public Integer call() {
        JobFile file = job.read();
        JobSpec spec = file.job();
        Example example = Example.of(spec);
        Optional<Integer> partitions = kafka.given() ? partitions(spec) : Optional.empty();
        Optional<Integer> advised = partitions.flatMap(count -> SliceAdvice.partitionsPerSlice(spec, count));
        String prefix = JobNames.transactionalIdPrefix(spec);
        if (print.json()) {
            ObjectNode json = JsonNodeFactory.instance.objectNode();
            json.set("job", file.json());
            json.put("fingerprint", JobFingerprint.of(spec).hash())
                    .put("group", JobNames.group(spec))
                    .put("stateTopic", JobNames.stateTopic(spec))
                    .put(
                            "deadLetterTopic",
                            JobNames.deadLetterTopic(spec.output().topic()))
                    .put("transactionalIdPrefix", prefix)
                    .put("workflowId", JobNames.workflowId(spec.name()))
                    .put("scheduleId", JobNames.scheduleId(spec.name()))
                    .putPOJO("permissions", permissions(spec));
            if (spec.scope() == Scope.TOPIC) {
                json.put("partialsTopic", JobNames.partialsTopic(spec))
                        .put("totalsTopic", JobNames.stateTopic(spec.totals()));
            }
            json.set("example", example.json());
            List<String> closing = ClosingView.sentences(spec);
            if (!closing.isEmpty()) {
                closing.forEach(json.putArray("closing")::add);
            }
            cell(spec).ifPresent(bytes -> json.put("mostBytesOfCell", bytes));
            List<String> sets = largeSets(spec);
            if (!sets.isEmpty()) {
                sets.forEach(json.putArray("largeSets")::add);
            }
            partitions.ifPresent(count -> json.put("partitions", count));
            advised.ifPresent(value -> json.put("advisedPartitionsPerSlice", value));
            print.printer().json(json);
            return ExitCode.DONE.code();
        }
        Printer printer = print.printer();
        printer.line(file.path() + " is a valid job");
        printer.line("");
        printer.line("  job           " + spec.name());
        printer.line("  reads         " + spec.input().topic() + ", the first time from " + start(spec.start()));
        partitions.ifPresent(count -> printer.line("  partitions    " + Texts.number(count)));
        printer.line("  time          " + time(spec.input().timestamp()));
        Condition where = spec.where();
        if (where != null) {
            printer.line("  where         " + where.asText());
        }
        printer.line("  windows       " + window(spec.window()));
        if (!spec.groupBy().isEmpty()) {
            printer.line("  groups        "
                    + spec.groupBy().stream().map(ValidateCommand::group).collect(Collectors.joining(", ")));
        }
        printer.line("  rows          "
                + (spec.scope() == Scope.TOPIC
                        ? "one for each window and group over all partitions"
                        : "one for each window and group of a partition"));
        printer.line("  writes        " + spec.output().topic() + ", "
                + (spec.scope() == Scope.TOPIC
                        ? Texts.count(spec.output().partitions(), "partition") + ", each row to the one of its key"
                        : "each row to the partition of its records"));
        printer.line("  bad records   " + badRecords(spec));
        if (!spec.budget().equals(RunBudget.NONE)) {
            printer.line("  budget        " + budget(spec.budget()));
        }
        printer.line("  state         " + JobNames.stateTopic(spec));
        if (spec.scope() == Scope.TOPIC) {
            printer.line("  partials      " + JobNames.partialsTopic(spec));
            printer.line("  totals        " + JobNames.stateTopic(spec.totals()));
        }
        printer.line("  group         " + JobNames.group(spec));
        printer.line("  transactions  " + prefix + "…");
        printer.line("  workflow      " + JobNames.workflowId(spec.name()) + ", one at a time: a second run is "
                + (spec.overlap() == JobSpec.Overlap.REFUSE ? "refused" : "made to wait"));
        printer.line("  schedule      " + JobNames.scheduleId(spec.name()));
        printer.line("  fingerprint   " + JobFingerprint.of(spec).hash());
        printer.line("");
        if (partitions.isPresent() && advised.isPresent()) {
            printer.line("Advice: " + SliceAdvice.reason(spec, partitions.get(), advised.get())
                    + ". Choose before the first run; it cannot be changed later.");
            printer.line("");
        }
        example.print(printer);
        printer.line("");
        cell(spec).ifPresent(bytes -> {
            printer.line("What is kept of a window and group (a cell) takes at most " + Texts.bytes(bytes)
                    + " of a worker's memory, if there are as many values, and as long ones, as the job allows. Stored, it must"
                    + " fit into one record of the state topic.");
            printer.line("");
        });
        largeSets(spec).forEach(each -> {
            printer.line(each);
            printer.line("");
        });
        List<String> closing = ClosingView.sentences(spec);
        if (!closing.isEmpty()) {
            printer.line("When windows close, and when rows are written:");
            closing.forEach(each -> printer.line("  " + each));
            printer.line("");
        }
        printer.line("The worker's user needs these permissions in Kafka:");
        printer.table(
                List.of("resource", "name", "operations", "why"),
                permissions(spec).stream()
                        .map(each -> List.of(each.resource(), each.name(), each.operations(), each.why()))
                        .toList());
        return ExitCode.DONE.code();
    }

    private Optional<Integer> partitions(JobSpec spec) {
        String topic = spec.input().topic();
        KafkaSettings settings = kafka.settings(print);
        Topics.requireCluster(settings);
        try (Topics topics = new Topics(settings)) {
            Optional<Integer> partitions = topics.partitions(topic);
            if (partitions.isEmpty()) {
                print.note("note: input topic " + topic + " does not exist at " + settings.bootstrapServers());
            } else if (spec.input().rows() != Rows.COUNT) {
                requireNoRows(settings, topic, partitions.get());
            }
            return partitions;
        }
    }

    private void requireNoRows(KafkaSettings settings, String topic, int partitions) {
        try {
            InputRows.find(settings, topic, partitions).ifPresent(row -> {
                throw CliException.failed("input.topic: " + topic + "[" + row.partition() + "] has a row of job "
                        + row.job() + " at offset " + row.offset()
                        + ". That job writes a row again whenever it changes,"
                        + " so this job would count each correction as a record, and its runs are refused. Read the input"
                        + " of job " + row.job() + " instead, or set input.rows: count to count each row as a record");
            });
        } catch (KafkaException e) {
            print.note("note: the newest records of input topic " + topic + " cannot be read (" + e.getMessage()
                    + "), so it is unknown whether they are rows of another job, which a run refuses");
        }
    }

    static List<Permission> permissions(JobSpec job) {
        List<Permission> needed = new ArrayList<>();
        String created = "; Create for the first run only";
        CloseSpec close = job.close();
        boolean lateRecords = close != null && close.late() == CloseSpec.Late.DEAD_LETTER;
        boolean deadLetters = job.writesDeadLetters();
        needed.add(new Permission(
                "topic",
                job.input().topic(),
                "Read" + (deadLetters ? ", DescribeConfigs" : ""),
                "the records" + (deadLetters ? "; DescribeConfigs for the size of dead letters" : "")));
        needed.add(new Permission(
                "topic",
                job.output().topic(),
                "Write, Create, DescribeConfigs" + (job.output().grow() ? ", Alter" : ""),
                "the rows" + created + (job.output().grow() ? "; Alter to add partitions" : "")));
        needed.add(new Permission(
                "topic", job.output().topic(), "Read", "optional: a warning if other programs write there", true));
        if (deadLetters) {
            needed.add(new Permission(
                    "topic",
                    JobNames.deadLetterTopic(job.output().topic()),
                    "Write, Create, Alter",
                    (lateRecords ? "bad and late records" : "bad records")
                            + "; Alter to follow the input's partitions"));
        }
        needed.add(new Permission(
                "topic",
                JobNames.stateTopic(job),
                "Read, Write, Create, Alter",
                "progress and totals; Alter to follow the input's partitions"));
        if (job.scope() == Scope.TOPIC) {
            needed.add(new Permission(
                    "topic",
                    JobNames.partialsTopic(job),
                    "Read, Write, Create, Delete, DescribeConfigs",
                    "partial totals; Delete to remove those that are added" + created));
            needed.add(new Permission(
                    "topic", JobNames.stateTopic(job.totals()), "Read, Write, Create", "totals" + created));
        }
        needed.add(new Permission("group", JobNames.group(job), "Read", "the published offsets"));
        otherGroup(job)
                .ifPresent(
                        group -> needed.add(new Permission("group", group, "Describe", "where the first run starts")));
        needed.add(new Permission(
                "transactional id", JobNames.transactionalIdPrefix(job) + " (prefix)", "Write", "exactly once"));
        return needed;
    }

    private static String start(StartSpec start) {
        return start.match(
                earliest -> "earliest",
                latest -> "latest",
                at -> at.at().toString(),
                group -> "the offsets of the group " + group.group());
    }

    private static String group(GroupField group) {
        return group.field()
                + (group.as() == null ? "" : " as " + group.as())
                + (group.absent() == null ? "" : ", or " + group.absent());
    }

    private static String time(TimestampSpec time) {
        String form = time.match(
                record -> "",
                pattern -> pattern.pattern() + ", local times in " + Times.text(pattern.zone()),
                iso -> "iso, local times in " + Times.text(iso.zone()),
                epoch -> ChoiceForm.name(epoch.format()) + (epoch.quoted() ? ", also in quotes" : ""));
        return time.field() == null ? "the timestamp of the record" : "field " + time.field() + ", " + form;
    }

    private static String window(WindowSpec window) {
        return window.match(
                calendar -> "every " + calendar.every().jsonName() + " in " + Times.text(calendar.zone())
                        + begins(calendar) + span(window, calendar.every().jsonName() + "s"),
                tumbling ->
                        "every " + Times.text(tumbling.every()) + span(window, "times " + Times.text(tumbling.every())),
                none -> "none: one row for all of time");
    }

    /** How long windows are that overlap: {@code , each of 7 days}. */
    private static String span(WindowSpec window, String panes) {
        return window.span() == 1 ? "" : ", each of " + Texts.number(window.span()) + " " + panes;
    }

    /** When windows begin, if not at midnight and on Monday: {@code , from sunday 17:00}. */
    private static String begins(WindowSpec.Calendar calendar) {
        List<String> begins = new ArrayList<>();
        if (calendar.weekBegins() != DayOfWeek.MONDAY) {
            begins.add(ChoiceForm.name(calendar.weekBegins()));
        }
        if (!calendar.dayBegins().equals(LocalTime.MIDNIGHT)) {
            begins.add(calendar.dayBegins().toString());
        }
        return begins.isEmpty() ? "" : ", from " + String.join(" ", begins);
    }

    /** The consumer group that the first run starts from, if it is not the job's own. */
    private static Optional<String> otherGroup(JobSpec job) {
        Optional<String> group = job.start()
                .match(
                        earliest -> Optional.empty(),
                        latest -> Optional.empty(),
                        at -> Optional.empty(),
                        offsets -> Optional.of(offsets.group()));
        return group.filter(each -> !each.equals(JobNames.group(job)));
    }

    private static String budget(RunBudget budget) {
        List<String> parts = new ArrayList<>();
        if (budget.records() != Long.MAX_VALUE) {
            parts.add("at most " + Texts.count(budget.records(), "record"));
        }
        if (budget.bytes() != Long.MAX_VALUE) {
            parts.add("at most about " + Texts.count(budget.bytes(), "byte"));
        }
        Duration time = budget.time();
        if (time != null) {
            parts.add("no new reads after " + Times.text(time));
        }
        return "for each run, " + String.join(", ", parts);
    }

    /** Returns the most bytes that a cell takes, if it is not a few numbers, and no plugin decides it. */
    private static Optional<Long> cell(JobSpec spec) {
        if (OwnAggregates.isUsedBy(spec)) {
            return Optional.empty();
        }
        CellLayout layout = CellLayout.of(spec);
        return layout.accumulators().parts() == 0
                ? Optional.empty()
                : Optional.of(layout.accumulators().maxBytes());
    }

    /** Says what the limits of exact counts ask of their values, where the job has raised them. */
    private static List<String> largeSets(JobSpec spec) {
        return spec.aggregate().stream()
                .filter(each ->
                        each.function() == Function.DISTINCT && each.options().method() == Method.EXACT)
                .filter(each -> each.options().limit() > AggregateOptions.NONE.limit())
                .map(each -> "aggregate." + each.name() + ".limit: "
                        + Texts.count(each.options().limit(), "value")
                        + " fit into the record that stores them only if they have at most "
                        + Texts.count(ExactDistinct.averageFor(each.options().limit(), ChunkCodec.RECORD_BYTES), "byte")
                        + " each, on average and before compression. With longer ones the partition fails with"
                        + " RECORD_TOO_LARGE before it reaches the limit; method: approximate has no such limit.")
                .toList();
    }

    private static String badRecords(JobSpec job) {
        String limit = ", at most " + Texts.number(job.badRecords().limit()) + " for each partition and run";
        return switch (job.badRecords().policy()) {
            case DEAD_LETTER -> "to " + JobNames.deadLetterTopic(job.output().topic()) + limit;
            case SKIP -> "skipped and counted" + limit;
            case FAIL -> "fail their partition";
        };
    }
}
