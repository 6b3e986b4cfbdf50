package io.tidemark.job.form;

import static io.tidemark.job.form.Field.field;
import static io.tidemark.job.form.Forms.atLeast;
import static io.tidemark.job.form.Forms.flag;
import static io.tidemark.job.form.RecordForm.object;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.job.form.Form.Use;
import org.junit.jupiter.api.Test;

class RecordFormTest {
    /** An object as version 0.1 had it: {@code old}; and fields of later versions. */
    record Later(long old, long counted, long free, Inner inner) {}

    record Inner(boolean covered) {}

    private static final RecordForm<Inner> INNER =
            object(Inner.class, field("covered", flag()).or(false).inFingerprint());
    private static final RecordForm<Later> LATER = object(
            Later.class,
            field("old", atLeast(0)).or(1L).alwaysInFingerprint(),
            field("counted", atLeast(0)).or(2L).inFingerprint(),
            field("free", atLeast(0)).or(3L),
            field("inner", INNER).or(INNER.defaults()));

    @Test
    void aNewFieldWithItsDefaultChangesNoFingerprint() {
        assertThat(LATER.write(LATER.defaults(), Use.FINGERPRINT)).hasToString("{\"old\":1}");
    }

    @Test
    void aNewFieldWithAnotherValueIsPartOfTheFingerprint() {
        assertThat(LATER.write(new Later(1, 5, 3, new Inner(true)), Use.FINGERPRINT))
                .hasToString("{\"old\":1,\"counted\":5,\"inner\":{\"covered\":true}}");
    }

    @Test
    void aFieldThatMayChangeIsNoPartOfTheFingerprint() {
        assertThat(LATER.write(new Later(1, 2, 9, new Inner(false)), Use.FINGERPRINT))
                .hasToString("{\"old\":1}");
    }

    @Test
    void thePayloadHasNoDefaults() {
        assertThat(LATER.write(LATER.defaults(), Use.PAYLOAD)).hasToString("{}");
        assertThat(LATER.write(new Later(1, 2, 9, new Inner(true)), Use.PAYLOAD))
                .hasToString("{\"free\":9,\"inner\":{\"covered\":true}}");
    }

    @Test
    void aComponentWithoutAFieldIsAnErrorOfTheTable() {
        Field<Long> old = field("old", atLeast(0));

        assertThatThrownBy(() -> object(Later.class, old))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("needs one field for each component");
    }

    @Test
    void aFieldWithoutAComponentIsAnErrorOfTheTable() {
        Field<Boolean> covered = field("covered", flag());
        Field<Boolean> other = field("other", flag());

        assertThatThrownBy(() -> object(Inner.class, covered, other)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aSmallObjectIsDescribedByItsFieldsAndALargeOneByThoseItNeeds() {
        record Four(long needed, long second, long third, long fourth) {}
        RecordForm<Four> four = object(
                Four.class,
                field("needed", atLeast(0)),
                field("second", atLeast(0)).or(0L),
                field("third", atLeast(0)).or(0L),
                field("fourth", atLeast(0)).or(0L));

        assertThat(INNER.expected()).isEqualTo("{ covered: … }");
        assertThat(four.expected()).isEqualTo("{ needed: … }");
        assertThat(LATER.expected()).isEqualTo("an object with fields such as old");
    }

    @Test
    void anUnknownFieldIsRefusedBeforeAWrongValue() {
        ObjectNode json =
                JsonNodeFactory.instance.objectNode().put("covered", "yes").put("Covered", true);

        assertThatThrownBy(() -> INNER.read(json, new Place(json, "")))
                .hasMessage("Covered: is not a known field; did you mean covered?");
    }
}
