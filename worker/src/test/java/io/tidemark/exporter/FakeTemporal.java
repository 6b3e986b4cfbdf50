package io.tidemark.exporter;

import io.tidemark.exporter.RunFacts.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A Temporal server with the runs and schedules that a test gives it. Understands the conditions that RunLog sends. */
final class FakeTemporal implements Temporal {
    private static final Pattern SINCE = Pattern.compile("CloseTime > '([^']+)'");
    private static final Pattern OF = Pattern.compile("WorkflowId = 'tidemark-([^']+)'");

    final List<RunFacts> runs = new ArrayList<>();
    final List<ScheduleFacts> schedules = new ArrayList<>();
    final List<String> questions = new ArrayList<>();
    Outcome failure = Outcome.FAILED;
    boolean down;

    /** Adds a run of {@code minutes} that ended at {@code end}. */
    void ended(String job, Instant end, Outcome outcome, long minutes) {
        runs.add(new RunFacts(
                job, job + "-" + runs.size(), "queue", end.minus(Duration.ofMinutes(minutes)), end, outcome));
    }

    void started(String job, Instant start) {
        runs.add(new RunFacts(job, job + "-" + runs.size(), "queue", start, null, null));
    }

    @Override
    public List<ScheduleFacts> schedules(Problems problems) {
        require();
        return schedules;
    }

    @Override
    public List<RunFacts> runs(String condition, int most) {
        require();
        questions.add(condition);
        Predicate<RunFacts> asked = each -> true;
        if (condition.contains("ExecutionStatus = 'Running'")) {
            asked = asked.and(each -> each.end() == null);
        } else {
            asked = asked.and(each -> each.end() != null);
        }
        if (condition.contains("ExecutionStatus = 'Completed'")) {
            asked = asked.and(each -> each.outcome() == Outcome.DONE);
        }
        Matcher since = SINCE.matcher(condition);
        if (since.find()) {
            Instant time = Instant.parse(since.group(1));
            asked = asked.and(each -> each.end() != null && each.end().isAfter(time));
        }
        Matcher of = OF.matcher(condition);
        if (of.find()) {
            String job = of.group(1);
            asked = asked.and(each -> each.job().equals(job));
        }
        return runs.stream()
                .filter(asked)
                .sorted(Comparator.comparing((RunFacts each) -> each.end() == null ? Instant.MAX : each.end())
                        .reversed())
                .limit(most)
                .toList();
    }

    @Override
    public Outcome failure(RunFacts run) {
        return failure;
    }

    @Override
    public Optional<WatchedJob> job(RunFacts run) {
        require();
        return Optional.of(new WatchedJob(run.job(), "p.tidemark." + run.job() + ".state", null, "in", 0, 0, 1));
    }

    @Override
    public List<QueueFacts> queue(String name) {
        require();
        return List.of(new QueueFacts(name, "workflow", 2, OptionalLong.of(3)));
    }

    private void require() {
        if (down) {
            throw new IllegalStateException("down");
        }
    }
}
