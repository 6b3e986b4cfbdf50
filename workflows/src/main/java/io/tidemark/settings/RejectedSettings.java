package io.tidemark.settings;

/** Kafka's client cannot be made from the settings. The message says why, and contains no secret. */
public final class RejectedSettings extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    RejectedSettings(String message, Throwable cause) {
        super(message, cause);
    }

    /** Returns whether the cause may pass: a server that the login needs, such as that of tokens, does not answer. */
    public boolean temporary() {
        return Refusals.isNetwork(this);
    }
}
