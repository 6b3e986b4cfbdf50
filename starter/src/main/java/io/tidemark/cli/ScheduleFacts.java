package io.tidemark.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.temporal.api.enums.v1.ScheduleOverlapPolicy;
import io.temporal.client.schedules.Schedule;
import io.temporal.client.schedules.ScheduleActionStartWorkflow;
import io.temporal.client.schedules.ScheduleCalendarSpec;
import io.temporal.client.schedules.SchedulePolicy;
import io.temporal.client.schedules.ScheduleSpec;
import io.tidemark.job.form.ChoiceForm;
import io.tidemark.job.form.Times;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a schedule says, field by field, as texts that are equal where the meaning is. Its running state, such as a pause,
 * is not among them.
 */
final class ScheduleFacts {
    private static final String POLICY = "scheduleOverlapPolicy";

    private final Map<String, String> facts = new TreeMap<>();

    private ScheduleFacts() {}

    /**
     * Returns the facts by the names of the fields in a schedule file, and the fields of the job as {@code job.window} and
     * the like. Fields of the job with their default are not there.
     */
    static Map<String, String> of(Schedule schedule, JsonNode job) {
        ScheduleFacts made = new ScheduleFacts();
        made.times(schedule.getSpec());
        made.policy(schedule.getPolicy());
        if (schedule.getAction() instanceof ScheduleActionStartWorkflow action) {
            made.action(action);
        }
        made.job("job", job);
        return made.facts;
    }

    private void times(ScheduleSpec spec) {
        TreeSet<String> times = new TreeSet<>();
        list(spec.getCronExpressions()).forEach(each -> {
            CronText cron = CronText.parse(each);
            times.add(cron.cron() == null ? "@every " + Times.text(cron.every()) : CronFields.of(cron.text()));
        });
        list(spec.getCalendars()).forEach(each -> times.add(time(each)));
        list(spec.getIntervals()).forEach(each -> times.add(ScheduleTimes.every(each)));
        facts.put("cron", times.isEmpty() ? "never" : String.join(" and ", times));
        String zone = spec.getTimeZoneName();
        facts.put("zone", zone == null || zone.isEmpty() ? "UTC" : zone);
        putDuration("jitter", spec.getJitter());
        // Only other programs set these.
        if (spec.getStartAt() != null) {
            facts.put("from", spec.getStartAt().toString());
        }
        if (spec.getEndAt() != null) {
            facts.put("until", spec.getEndAt().toString());
        }
        TreeSet<String> skipped = new TreeSet<>();
        list(spec.getSkip()).forEach(each -> skipped.add(ScheduleTimes.cron(each)));
        if (!skipped.isEmpty()) {
            facts.put("except", String.join(" and ", skipped));
        }
    }

    /** A calendar with seconds or years does not come from a cron expression. */
    private static String time(ScheduleCalendarSpec calendar) {
        String text = ScheduleTimes.cron(calendar);
        return text.matches("\\S+( \\S+){4}") ? CronFields.of(calendar) : text;
    }

    private void policy(@Nullable SchedulePolicy policy) {
        ScheduleOverlapPolicy overlap = policy == null ? null : policy.getOverlap();
        // The server skips where nothing is said.
        boolean said = overlap != null && overlap != ScheduleOverlapPolicy.SCHEDULE_OVERLAP_POLICY_UNSPECIFIED;
        facts.put("overlap", said ? overlapName(overlap) : ChoiceForm.name(ScheduleSettings.Overlap.SKIP));
        putDuration("catchUp", policy == null ? null : policy.getCatchupWindow());
        facts.put("pauseOnFailure", String.valueOf(policy != null && policy.isPauseOnFailure()));
    }

    /** {@code bufferOne} for SCHEDULE_OVERLAP_POLICY_BUFFER_ONE. */
    private static String overlapName(ScheduleOverlapPolicy policy) {
        String name = ChoiceForm.name(policy).substring(POLICY.length());
        return name.substring(0, 1).toLowerCase(Locale.ROOT) + name.substring(1);
    }

    private void action(ScheduleActionStartWorkflow action) {
        putDuration("runTimeout", action.getOptions().getWorkflowRunTimeout());
        facts.put("taskQueue", String.valueOf(action.getOptions().getTaskQueue()));
        facts.put("workflowId", String.valueOf(action.getOptions().getWorkflowId()));
        String details = action.getOptions().getStaticDetails();
        String[] paragraphs = details == null ? new String[0] : details.split("\n\n", 2);
        if (paragraphs.length == 2) {
            facts.put("note", paragraphs[1]);
        }
    }

    private void job(String path, JsonNode value) {
        if (value.isObject()) {
            value.properties().forEach(each -> job(path + "." + each.getKey(), each.getValue()));
        } else if (!value.isMissingNode()) {
            facts.put(path, value.isTextual() ? value.textValue() : value.toString());
        }
    }

    private void putDuration(String name, @Nullable Duration duration) {
        if (duration != null && !duration.isZero()) {
            facts.put(name, Times.text(duration));
        }
    }

    /** The SDK has null for lists that are not set. */
    private static <T> List<T> list(@Nullable List<T> orNull) {
        return orNull == null ? List.of() : orNull;
    }
}
