package io.tidemark.window;

import io.tidemark.job.WindowSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The windows of a job's rows. Each has {@link WindowSpec#span} panes that follow one another, and is identified by the start
 * of its last pane. Without {@code span} a window is its only pane.
 *
 * <p>Not safe for use by several threads.
 */
public final class RowWindows {
    private final WindowAssigner panes;
    private final int span;
    private long lastWindow;
    private long firstPane;
    private boolean known;
    private long textWindow;
    private @Nullable String lastText;

    private RowWindows(WindowAssigner panes, int span) {
        this.panes = panes;
        this.span = span;
    }

    /** The windows of a job. */
    public static RowWindows of(WindowSpec spec) {
        return new RowWindows(WindowAssigner.of(spec), spec.span());
    }

    /** Whether a window has more than one pane. */
    public boolean overlap() {
        return span > 1;
    }

    /** The start of a window, which is that of its first pane. */
    public long start(long window) {
        if (span == 1) {
            return window;
        }
        // Rows are sorted by window, so most calls are for the same window as the last.
        if (!known || window != lastWindow) {
            long first = window;
            for (int i = 1; i < span; i++) {
                first = panes.previous(first);
            }
            firstPane = first;
            lastWindow = window;
            known = true;
        }
        return firstPane;
    }

    /** The end of a window, exclusive, which is that of its last pane. */
    public long end(long window) {
        return panes.end(window);
    }

    /** The last window that contains a pane. */
    public long last(long pane) {
        long last = pane;
        for (int i = 1; i < span; i++) {
            last = panes.end(last);
        }
        return last;
    }

    /**
     * The windows that contain one of some panes, in their order.
     *
     * @param sortedPanes the starts of different panes, in their order
     * @param from no window before it is returned
     * @param before only windows before it are returned
     */
    public List<Long> containing(Collection<Long> sortedPanes, long from, long before) {
        List<Long> windows = new ArrayList<>();
        Iterator<Long> left = sortedPanes.iterator();
        long pane = left.hasNext() ? left.next() : Long.MAX_VALUE;
        while (pane < before) {
            long window = pane;
            for (int toGo = span; toGo > 0 && window < before; toGo--) {
                if (window == pane) {
                    toGo = span;
                    pane = left.hasNext() ? left.next() : Long.MAX_VALUE;
                }
                if (window >= from) {
                    windows.add(window);
                }
                // A job without windows has a pane without an end.
                window = toGo > 1 ? panes.end(window) : window;
            }
        }
        return windows;
    }

    /**
     * The window as rows and keys show it: {@link WindowAssigner#text} of its only pane, or the interval from its start to its
     * end, such as {@code 2006-12-17T00:00:00+01:00/2006-12-24T00:00:00+01:00}. Two windows of a job never have the same text.
     */
    public String text(long window) {
        String text = lastText;
        // Most calls are for the same window as the last: each row needs it for its key and its value.
        if (text == null || window != textWindow) {
            text = newText(window);
            lastText = text;
            textWindow = window;
        }
        return text;
    }

    private String newText(long window) {
        return span == 1 ? panes.text(window) : time(start(window)) + "/" + time(end(window));
    }

    /** See {@link WindowAssigner#time}. */
    public String time(long epochMillis) {
        return panes.time(epochMillis);
    }
}
