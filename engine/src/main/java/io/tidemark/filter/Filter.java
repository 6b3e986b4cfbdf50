package io.tidemark.filter;

import io.tidemark.job.Condition;
import io.tidemark.json.FieldValues;
import io.tidemark.json.MalformedRecordException;
import java.util.function.ToIntFunction;

/**
 * Says which records a job counts: its {@link Condition}, evaluated on the fields of a record without garbage.
 *
 * <p>Unlike in CEL, a comparison of values of different types is an error, also by {@code ==}: a condition that is false of
 * every record because of a wrong name or a quoted number would drop the whole topic in silence.
 *
 * <p>Not safe for use by several threads.
 */
public final class Filter {
    private final Check check;
    private final Scratch scratch = new Scratch();

    /**
     * A filter for a condition.
     *
     * @param fieldNumber gives the number that a path has among the values of a record
     */
    public Filter(Condition condition, ToIntFunction<String> fieldNumber) {
        check = condition.accept(new Compiler(fieldNumber));
    }

    /**
     * Whether a record counts.
     *
     * @throws MalformedRecordException if a field is missing or has another type, and the rest does not decide
     */
    public boolean accepts(FieldValues values) throws MalformedRecordException {
        int result = check.test(values, scratch);
        if (result == Check.ERROR) {
            MalformedRecordException failure = scratch.failure(values);
            scratch.clear();
            throw failure;
        }
        scratch.clear();
        return result == Check.TRUE;
    }
}
