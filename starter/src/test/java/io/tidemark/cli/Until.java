package io.tidemark.cli;

import java.io.StringWriter;
import java.util.concurrent.CountDownLatch;

/** Output that triggers something as soon as it contains a text. */
class Until extends StringWriter {
    private final String text;
    private final CountDownLatch latch;

    Until(String text, CountDownLatch latch) {
        this.text = text;
        this.latch = latch;
    }

    @Override
    public void flush() {
        if (latch.getCount() > 0 && toString().contains(text)) {
            latch.countDown();
            seen();
        }
    }

    void seen() {}

    @Override
    public void close() {}
}
