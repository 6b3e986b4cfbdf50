package io.tidemark.job;

import io.tidemark.job.form.Form;
import io.tidemark.job.form.TextForm;

/** Paths into a record: names joined by dots, array positions in brackets, such as {@code meter.readings[0].v}. */
final class FieldPaths {
    static final Form<String> PATH = TextForm.text(
            "[^.\\[\\]{}]+(\\[(0|[1-9]\\d{0,5})\\])*(\\.[^.\\[\\]{}]+(\\[(0|[1-9]\\d{0,5})\\])*)*",
            "a path such as voltage, meter.id or readings[0].value");

    private FieldPaths() {}
}
