package io.tidemark.exporter;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.job.JobCodec;
import io.tidemark.job.JobNames;
import io.tidemark.job.JobSpec;
import io.tidemark.job.Scope;
import io.tidemark.job.form.InvalidJobException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A job, as far as the exporter knows it.
 *
 * @param totalsTopic the state topic of the second stage, or null if the job has none, or only its name is known
 * @param topic the input topic, or null if only the job's progress names it
 * @param cells {@code limits.cells}, or 0 if it is not known
 * @param bytes {@code limits.bytes}, or 0 if it is not known
 * @param maxRecordBytes size of the largest record that can be counted
 */
record WatchedJob(
        String name,
        String stateTopic,
        @Nullable String totalsTopic,
        @Nullable String topic,
        long cells,
        long bytes,
        int maxRecordBytes) {
    private static final int DEFAULT_RECORD_BYTES = 16 * 1024 * 1024;

    static WatchedJob of(JobSpec job) {
        return new WatchedJob(
                job.name(),
                JobNames.stateTopic(job),
                job.scope() == Scope.TOPIC ? JobNames.stateTopic(job.totals()) : null,
                job.input().topic(),
                job.limits().cells(),
                job.limits().bytes(),
                job.input().maxRecordBytes());
    }

    /** Returns the job of a schedule or a run; empty if it has no name or cannot be read by this release. */
    static Optional<WatchedJob> of(@Nullable JsonNode json) {
        try {
            return json == null ? Optional.empty() : Optional.of(of(JobCodec.read(json)));
        } catch (InvalidJobException e) {
            return Optional.empty();
        }
    }

    /** Returns a job of which only the name is known. Its names begin with {@code prefix}. */
    static WatchedJob named(String name, String prefix) {
        return new WatchedJob(name, prefix + "tidemark." + name + ".state", null, null, 0, 0, DEFAULT_RECORD_BYTES);
    }

    /** Returns the job that has this state topic; empty if the topic is none, or has another prefix. */
    static Optional<WatchedJob> ofStateTopic(String topic, String prefix) {
        Matcher matcher = Pattern.compile(Pattern.quote(prefix) + "tidemark\\.([a-z0-9-]+)\\.state")
                .matcher(topic);
        return matcher.matches() ? Optional.of(named(matcher.group(1), prefix)) : Optional.empty();
    }
}
