package io.tidemark.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JobWithConditionTest {

    @ParameterizedTest
    @ValueSource(strings = {"true", "5", "[]", "{}"})
    void aConditionIsAText(String json) {
        assertThatThrownBy(() -> JobCodec.read(TestJobs.with("/where", json)))
                .hasMessageStartingWith("where: must be a condition such as status >= 500 && has(user), but is ");
    }

    @Test
    void aConditionIsPartOfTheFingerprintOnlyIfThereIsOne() {
        JobSpec all = JobCodec.read(TestJobs.with("/where", ""));
        JobSpec some = JobCodec.read(TestJobs.where("voltage>0"));
        JobSpec same = JobCodec.read(TestJobs.where("(0 < voltage)"));

        assertThat(JobFingerprint.of(all).meaning().has("where")).isFalse();
        assertThat(JobFingerprint.of(some)).isEqualTo(JobFingerprint.of(same));
        assertThat(JobFingerprint.of(some).differenceFrom(JobFingerprint.of(all).meaning()))
                .hasValue("where was absent and is now \"voltage > 0\"");
    }
}
