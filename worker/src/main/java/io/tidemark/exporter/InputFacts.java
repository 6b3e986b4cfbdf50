package io.tidemark.exporter;

import java.time.Duration;
import java.time.Instant;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What Kafka knows of the input of a job. A part that could not be asked, or is not known, is null or empty.
 *
 * @param lag offsets that the next run can read
 * @param age age of the oldest record among them; 0 if there are none
 * @param headroom time until retention may remove one of them; null also if there are none
 * @param heldBack offsets behind open transactions
 * @param openTransaction age of the oldest transaction that holds them back
 */
record InputFacts(
        String topic,
        OptionalLong lag,
        @Nullable Duration age,
        @Nullable Duration headroom,
        OptionalLong heldBack,
        @Nullable Duration openTransaction) {

    /** The offsets of a partition of the input. */
    record Log(long begin, long stableEnd, long highWatermark) {
        /** Returns how many offsets are behind an open transaction. */
        long heldBack() {
            return Math.max(0, highWatermark - stableEnd);
        }

        /** Returns the first offset that the next run reads. */
        long unreadFrom(StateFacts.Progress progress) {
            return Math.max(progress.through(), begin);
        }

        /** Returns how many offsets the next run can read. */
        long unread(StateFacts.Progress progress) {
            // Not below 0: a topic that was deleted and created again ends before the progress.
            return Math.max(0, stableEnd - unreadFrom(progress));
        }
    }

    /** Adds up the partitions of one input. */
    static final class Sum {
        private final Instant now;
        private final OptionalLong retentionMillis;
        private long lag;
        private boolean anyUnread;
        private @Nullable Duration age;
        private @Nullable Duration headroom;

        Sum(Instant now, OptionalLong retentionMillis) {
            this.now = now;
            this.retentionMillis = retentionMillis;
        }

        /** Adds a partition; {@code oldest} is the timestamp of its first unread record, or null if it is not known. */
        void add(StateFacts.Progress progress, Log log, @Nullable Long oldest) {
            long unread = log.unread(progress);
            if (unread == 0) {
                return;
            }
            lag += unread;
            anyUnread = true;
            if (log.begin() > progress.through()) {
                headroom = Duration.ZERO;
            }
            if (oldest != null) {
                // A producer's clock may be ahead.
                Duration old = Duration.ofMillis(Math.max(0, now.toEpochMilli() - oldest));
                age = age == null || old.compareTo(age) > 0 ? old : age;
                retentionMillis.ifPresent(
                        millis -> atMost(Duration.ofMillis(millis).minus(old)));
            }
            byRate(progress, log);
        }

        /** Applies the rule of the run's warning that retention is near: retention can also be by size. */
        private void byRate(StateFacts.Progress progress, Log log) {
            long moved = log.begin() - progress.logStart();
            long margin = progress.through() - log.begin();
            if (progress.logStart() >= 0 && progress.at() >= 0 && margin >= 0 && moved > margin) {
                double since = Math.max(0, now.toEpochMilli() - progress.at());
                atMost(Duration.ofMillis((long) (since * margin / moved)));
            }
        }

        private void atMost(Duration time) {
            Duration left = time.isNegative() ? Duration.ZERO : time;
            headroom = headroom == null || left.compareTo(headroom) < 0 ? left : headroom;
        }

        long lag() {
            return lag;
        }

        /** Returns the age of the oldest unread record, 0 if there is none, or null if it is not known. */
        @Nullable
        Duration age() {
            return anyUnread ? age : Duration.ZERO;
        }

        /** Returns the time until retention may remove an unread record, or null if there is none or it is not known. */
        @Nullable
        Duration headroom() {
            return headroom;
        }
    }
}
