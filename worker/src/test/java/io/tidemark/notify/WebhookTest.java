package io.tidemark.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.run.Notice;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WebhookTest {
    private static final String URL = "https://example.com/hooks/token-of-the-url";

    /** The example of the libraries of Standard Webhooks, in which the signature is known. */
    @Test
    void aMessageIsSignedAsByStandardWebhooks() {
        Webhook webhook = Webhook.of(URL, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "failed");

        assertThat(webhook.headers(
                        "msg_p5jXN8AQM9LWM0D4loKWxJek",
                        1_614_265_330,
                        "{\"test\": 2432232314}".getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(Map.of(
                        "webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek",
                        "webhook-timestamp", "1614265330",
                        "webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
    }

    @Test
    void withoutASecretNothingIsSigned() {
        assertThat(Webhook.of(URL, null, "failed").headers("id", 1, new byte[0]))
                .containsOnlyKeys("webhook-id", "webhook-timestamp");
    }

    @ParameterizedTest
    @ValueSource(strings = {"whsec_MfKQ9r8GKYqrTwjUPD8", "whsec_not base64 at all, but long enough", "hunter2"})
    void aSecretThatIsNoneIsRefusedWithoutItsText(String secret) {
        assertThatThrownBy(() -> Webhook.of(URL, secret, "failed"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("TIDEMARK_WEBHOOK_SECRET", "openssl rand -base64 32")
                .hasMessageNotContaining(secret.replace("whsec_", ""))
                .hasNoCause();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ftp://example.com/token-of-the-url", "example.com/token-of-the-url", "http:///x y", "-"})
    void aUrlThatIsNoneIsRefusedWithoutItsText(String url) {
        assertThatThrownBy(() -> Webhook.of(url, null, "failed"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("--webhook must be a URL")
                .hasMessageNotContaining("token-of-the-url")
                .hasNoCause();
    }

    @Test
    void theTypesAreAList() {
        assertThat(Webhook.of(URL, null, "failed, late,recovered,warned").on())
                .isEqualTo(EnumSet.allOf(Notice.Type.class));
        assertThatThrownBy(() -> Webhook.of(URL, null, "failed,done"))
                .hasMessageContainingAll("--webhook-on", "'done'", "failed, late, recovered, warned");
    }
}
