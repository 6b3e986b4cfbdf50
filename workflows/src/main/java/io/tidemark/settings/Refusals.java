package io.tidemark.settings;

import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.apache.kafka.common.errors.SslAuthenticationException;

/** Words for what a broker says about a client's credentials. */
public final class Refusals {
    private static final Pattern UNREACHED = Pattern.compile(
            "java\\.net\\.(?:(?:http\\.)?(?:Http)?Connect|NoRouteToHost|SocketTimeout|UnknownHost|http\\.HttpTimeout)\\w*Exception");

    private Refusals() {}

    /**
     * Returns the class and the reason of a failed login or TLS handshake. The text comes from the broker or from Java's TLS,
     * which know no password; a login module's own text is not in it.
     */
    public static String reason(Throwable failure) {
        String name = failure.getClass().getSimpleName();
        Throwable reason = failure;
        if (failure instanceof SslAuthenticationException) {
            // Its own message is "SSL handshake failed". The cause says why.
            while (reason.getCause() != null) {
                reason = reason.getCause();
            }
        }
        String said = String.valueOf(reason.getMessage());
        String advice = "";
        if (said.contains("unable to find valid certification path")) {
            advice = "; name the authority that signed the broker's certificate in ssl.ca.location";
        } else if (said.contains("No subject alternative") || said.contains("No name matching")) {
            advice = "; use a name that is in the broker's certificate in bootstrap.servers";
        } else if (reason instanceof SSLException && said.matches(".*(certificate_required|bad_certificate).*")) {
            advice = "; the broker wants a client certificate that it trusts";
        }
        return name + ": " + said + advice;
    }

    /**
     * Returns whether a server that the login needs, such as that of tokens, could not be reached, which may pass. A {@code
     * LoginException} has no cause, only the text of it.
     */
    static boolean isNetwork(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (UNREACHED.matcher(String.valueOf(cause)).find()) {
                return true;
            }
        }
        return false;
    }
}
