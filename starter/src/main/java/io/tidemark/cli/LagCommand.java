package io.tidemark.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.cli.LagReader.Lag;
import io.tidemark.cli.LagReader.Partition;
import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
import io.tidemark.settings.KafkaSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints how much each job has not read yet. */
@Command(
        name = "lag",
        description = {
            "Show for each job how many offsets of its input are unread, and how old the oldest unread record is.",
            "Reads Kafka only: the progress in the jobs' state topics, and the ends of their inputs. Without a job it shows all"
                    + " jobs that have a state topic."
        },
        sortOptions = false)
final class LagCommand implements Callable<Integer> {
    private static final Pattern STATE_TOPIC = Pattern.compile(".*?tidemark\\.([a-z0-9-]+)\\.state");

    @Parameters(index = "0", arity = "0..*", paramLabel = "JOB", description = "Job files or names of jobs.")
    private List<String> jobs = new ArrayList<>();

    @Option(names = "--partitions", description = "Show each partition with unread offsets.")
    private boolean partitions;

    @Mixin
    private KafkaOptions kafka = new KafkaOptions();

    @Mixin
    private PrintOptions print = new PrintOptions();

    /** A job, by its file or by its state topic. */
    private record Wanted(
            String job, String stateTopic, @Nullable String input) {
        static Wanted of(JobSpec job) {
            return new Wanted(job.name(), JobNames.stateTopic(job), job.input().topic());
        }
    }

    @Override
    public Integer call() {
        List<Optional<JobFile>> files = jobs.stream().map(JobFile::ifFile).toList();
        KafkaSettings settings = kafka.settings(print);
        Topics.requireCluster(settings);
        Instant now = Instant.now();
        try (LagReader reader = new LagReader(settings)) {
            List<Lag> found = new ArrayList<>();
            for (Wanted each : wanted(reader, files, settings)) {
                Lag lag = reader.read(each.job(), each.stateTopic(), each.input());
                if (lag.partitions().isEmpty()) {
                    print.note("note: job " + lag.job() + ": "
                            + (lag.input().isEmpty()
                                    ? "there is no progress in " + lag.stateTopic()
                                    : "there is no topic " + lag.input())
                            + " at " + settings.bootstrapServers());
                } else if (!lag.hasProgress()) {
                    print.note("note: job " + lag.job() + " has no progress yet, so every offset counts as unread");
                }
                found.add(lag);
            }
            if (print.json()) {
                found.forEach(each -> print.printer().json(json(each, now)));
            } else if (found.isEmpty()) {
                print.printer().line("no job has run at " + settings.bootstrapServers());
            } else if (partitions) {
                printPartitions(found, now);
            } else {
                printJobs(found, now);
            }
            return ExitCode.DONE.code();
        }
    }

    private List<Wanted> wanted(LagReader reader, List<Optional<JobFile>> files, KafkaSettings settings) {
        boolean needsTopics = files.isEmpty() || files.stream().anyMatch(Optional::isEmpty);
        Set<String> topics = needsTopics ? new TreeSet<>(reader.topics()) : Set.of();
        List<Wanted> wanted = new ArrayList<>();
        if (files.isEmpty()) {
            wanted.addAll(named(topics, null));
        }
        for (int i = 0; i < files.size(); i++) {
            String name = jobs.get(i);
            if (files.get(i).isPresent()) {
                wanted.add(Wanted.of(files.get(i).get().job()));
                continue;
            }
            List<Wanted> found = named(topics, name);
            if (found.isEmpty()) {
                throw CliException.failed("there is no state topic of a job " + name + " at "
                        + settings.bootstrapServers() + ": it has never run there. Name its job file to see its input");
            }
            wanted.addAll(found);
        }
        return wanted;
    }

    /** Returns the jobs that have a state topic, whatever prefix their names have. */
    private static List<Wanted> named(Set<String> topics, @Nullable String name) {
        List<Wanted> found = new ArrayList<>();
        for (String each : topics) {
            Matcher parts = STATE_TOPIC.matcher(each);
            if (parts.matches() && (name == null || parts.group(1).equals(name))) {
                found.add(new Wanted(parts.group(1), each, null));
            }
        }
        return found;
    }

    private void printJobs(List<Lag> found, Instant now) {
        boolean lost = found.stream().anyMatch(each -> each.sum(Partition::lost) > 0);
        print.printer()
                .table(
                        columns(lost, "job", "input", "partitions", "unread", "oldest unread", "last batch"),
                        found.stream()
                                .map(each -> {
                                    Instant last = each.lastBatch();
                                    List<String> row = new ArrayList<>(List.of(
                                            each.job(),
                                            each.input(),
                                            Texts.number(each.partitions().size()),
                                            Texts.number(each.sum(Partition::unread)),
                                            age(each.sum(Partition::unread), each.oldest(), now),
                                            last == null ? "never" : Texts.time(last)));
                                    if (lost) {
                                        row.add(Texts.number(each.sum(Partition::lost)));
                                    }
                                    return row;
                                })
                                .toList());
    }

    private void printPartitions(List<Lag> found, Instant now) {
        boolean lost = found.stream().anyMatch(each -> each.sum(Partition::lost) > 0);
        List<List<String>> rows = new ArrayList<>();
        for (Lag lag : found) {
            for (Partition each : lag.partitions()) {
                if (each.unread() > 0 || each.lost() > 0) {
                    List<String> row = new ArrayList<>(List.of(
                            lag.job(),
                            lag.input(),
                            String.valueOf(each.number()),
                            Texts.number(each.next()),
                            Texts.number(each.end()),
                            Texts.number(each.unread()),
                            age(each.unread(), each.oldest(), now)));
                    if (lost) {
                        row.add(Texts.number(each.lost()));
                    }
                    rows.add(row);
                }
            }
        }
        if (rows.isEmpty()) {
            print.printer().line("no partition has unread offsets");
        } else {
            print.printer()
                    .table(columns(lost, "job", "input", "partition", "next", "end", "unread", "oldest unread"), rows);
        }
    }

    private static List<String> columns(boolean lost, String... names) {
        List<String> all = new ArrayList<>(List.of(names));
        if (lost) {
            all.add("lost");
        }
        return all;
    }

    private static String age(long unread, @Nullable Instant oldest, Instant now) {
        return unread == 0 ? "" : oldest == null ? "unknown" : Texts.duration(positive(oldest, now));
    }

    private static Duration positive(Instant oldest, Instant now) {
        return oldest.isAfter(now) ? Duration.ZERO : Duration.between(oldest, now);
    }

    private ObjectNode json(Lag lag, Instant now) {
        Instant oldest = lag.oldest();
        Instant last = lag.lastBatch();
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("job", lag.job())
                .put("input", lag.input())
                .put("stateTopic", lag.stateTopic())
                .put("partitions", lag.partitions().size())
                .put("unread", lag.sum(Partition::unread))
                .put("oldestUnread", oldest == null ? null : oldest.toString())
                .put(
                        "oldestUnreadSeconds",
                        oldest == null ? null : positive(oldest, now).toSeconds())
                .put("lost", lag.sum(Partition::lost))
                .put("lastBatch", last == null ? null : last.toString());
        if (partitions) {
            ArrayNode all = json.putArray("details");
            for (Partition each : lag.partitions()) {
                Instant first = each.oldest();
                all.addObject()
                        .put("partition", each.number())
                        .put("next", each.next())
                        .put("end", each.end())
                        .put("unread", each.unread())
                        .put("oldestUnread", first == null ? null : first.toString())
                        .put("lost", each.lost());
            }
        }
        return json;
    }
}
