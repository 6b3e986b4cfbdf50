package io.tidemark.notify;

import io.temporal.activity.Activity;
import io.tidemark.notify.PostObserver.Outcome;
import io.tidemark.run.Notice;
import io.tidemark.workflow.NoticeActivities;
import java.time.Clock;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Posts notices to the webhook. Temporal repeats what fails, on any worker of the task queue. */
public final class NoticePosts implements NoticeActivities {
    private static final Logger LOG = LoggerFactory.getLogger(NoticePosts.class);

    private final @Nullable Webhook webhook;
    private final PostObserver observer;
    private final Clock clock;
    private final HttpPost post = new HttpPost();

    /**
     * Makes the activity of one worker.
     *
     * @param webhook where notices go, or null if this worker sends none; another worker of the task queue may
     * @param clock to tell the age of a notice and for its signature
     */
    public NoticePosts(@Nullable Webhook webhook, PostObserver observer, Clock clock) {
        this.webhook = webhook;
        this.observer = observer;
        this.clock = clock;
    }

    @Override
    public String send(Notice notice) {
        long since = Activity.getExecutionContext().getInfo().getScheduledTimestamp();
        return send(notice, since);
    }

    /** Sends a notice that was made at this time, in milliseconds since the epoch. */
    String send(Notice notice, long since) {
        String problem = attempt(notice);
        if (problem == null) {
            observer.posted(Outcome.DELIVERED);
            return "delivered";
        }
        Duration age = Duration.ofMillis(clock.millis() - since);
        boolean last = age.compareTo(GIVE_UP) >= 0;
        observer.posted(last ? Outcome.DROPPED : Outcome.RETRIED);
        LOG.atWarn()
                .addKeyValue("job", notice.job())
                .addKeyValue("id", NoticeEvent.id(notice))
                .addKeyValue("reason", problem)
                .log(last ? "notice dropped" : "notice not delivered; it is sent again");
        if (last) {
            return "dropped: " + problem;
        }
        throw new IllegalStateException("the notice was not delivered: " + problem);
    }

    private @Nullable String attempt(Notice notice) {
        if (webhook == null) {
            return "this worker has no --webhook; give it to all workers of the task queue, or to none";
        }
        byte[] body = NoticeEvent.write(notice);
        try {
            return post.post(
                    webhook.url(),
                    NoticeEvent.CONTENT_TYPE,
                    webhook.headers(NoticeEvent.id(notice), clock.millis() / 1000, body),
                    body);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "the worker stops";
        }
    }
}
