package io.tidemark.workflow;

import io.temporal.activity.ActivityInterface;
import io.temporal.activity.ActivityMethod;
import io.tidemark.run.Notice;
import java.time.Duration;

/** Sends notices of runs to whom the worker's settings name. */
@ActivityInterface
public interface NoticeActivities {
    /** The activity type. */
    String SEND = "notify";

    /** How long after its first attempt a notice is dropped: an outage of the receiver is then known anyway. */
    Duration GIVE_UP = Duration.ofHours(1);

    /**
     * Sends a notice. May be repeated, so the receiver may get it more than once, always with the same id. Fails if the
     * receiver does not accept it and another attempt should follow.
     *
     * @return what became of the notice: it was delivered, or dropped because {@link #GIVE_UP} has passed
     */
    @ActivityMethod(name = SEND)
    String send(Notice notice);
}
