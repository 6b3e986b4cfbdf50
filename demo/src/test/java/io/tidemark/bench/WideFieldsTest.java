package io.tidemark.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class WideFieldsTest {

    @Test
    void theFieldsThatJobsReadAreInTheMiddle() throws JsonProcessingException {
        List<String> names = names(value(WideFields.of(Workload.daily(1, 1).wide(40, 600))));

        assertThat(names).hasSize(40).doesNotHaveDuplicates();
        assertThat(names.subList(19, 21)).containsExactly("datetime", "voltage");
    }

    @Test
    void theSmallestNumberOfFieldsIsValidJson() throws JsonProcessingException {
        assertThat(names(value(WideFields.of(Workload.daily(1, 1).wide(6, 0))))).hasSize(6);
        assertThatThrownBy(() -> Workload.daily(1, 1).wide(5, 0)).hasMessageContaining("--fields is 5");
    }

    @Test
    void valuesDiffer() {
        WideFields fields = WideFields.of(Workload.daily(1, 1).wide(40, 600));
        Set<String> values = new HashSet<>();
        Set<Integer> lengths = new HashSet<>();
        for (int i = 0; i < 10_000; i++) {
            String value = value(fields);
            values.add(value);
            lengths.add(value.length());
        }

        assertThat(values).hasSize(10_000);
        assertThat(lengths).hasSizeGreaterThan(10).allMatch(length -> length <= 600);
    }

    @Test
    void withoutTheOptionThereAreNoFields() {
        WideFields none = WideFields.of(Workload.daily(1, 1));

        assertThat(none.before() + none.after()).isEmpty();
    }

    /** Puts the fields around two others, as the readings do. */
    private static String value(WideFields wide) {
        return "{" + wide.before() + "\"datetime\":\"17/12/2006 00:00:00\",\"voltage\":240.00" + wide.after()
                + ",\"note\":\"\"}";
    }

    private static List<String> names(String value) throws JsonProcessingException {
        JsonNode tree = new ObjectMapper().readTree(value);
        List<String> names = new ArrayList<>();
        tree.fieldNames().forEachRemaining(names::add);
        return names;
    }
}
