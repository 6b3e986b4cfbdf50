package io.tidemark.json;

import io.tidemark.job.InputSpec.Check;
import io.tidemark.json.FieldPath.Step;
import io.tidemark.json.FieldValues.FieldType;
import io.tidemark.json.MalformedRecordException.Reason;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Explains why a field is missing: {@code http.status} is the field {@code status} of {@code http}, but the record may
 * have a field with the name {@code http.status}.
 *
 * <p>Not safe for use by several threads.
 */
public final class DottedNames {
    /** Bounds the number of paths that are tried, which doubles with each dot. */
    private static final int MOST_DOTS = 5;

    private final Map<String, Others> known = new HashMap<>();

    /** What else a path could have meant, and the scanner for it. */
    private record Others(List<FieldPath> paths, FieldScanner scanner, FieldValues values) {
        static Others of(String path) {
            List<FieldPath> paths = otherPaths(FieldPath.parse(path).steps());
            return new Others(paths, new FieldScanner(paths, Check.NEEDED), new FieldValues(paths));
        }
    }

    /** The same problem, with the path to write if the record has a name with a dot where the job's path has two names. */
    public MalformedRecordException explained(MalformedRecordException problem, byte[] buf, int off, int len) {
        // What begins with a brace is not a path into the value.
        if (problem.reason() != Reason.FIELD_MISSING
                || problem.field().indexOf('.') < 0
                || problem.field().startsWith("{")) {
            return problem;
        }
        Others others = known.computeIfAbsent(problem.field(), Others::of);
        try {
            others.scanner.scan(buf, off, len, others.values);
        } catch (MalformedRecordException e) {
            return problem;
        }
        for (int i = 0; i < others.paths.size(); i++) {
            if (others.values.type(i) != FieldType.MISSING) {
                return new MalformedRecordException(
                        Reason.FIELD_MISSING,
                        problem.field(),
                        "is missing; the record has a name with a dot in it, which the job must write as "
                                + others.paths.get(i).text());
            }
        }
        return problem;
    }

    /** The paths in which some names of this one are joined by dots. */
    private static List<FieldPath> otherPaths(List<Step> steps) {
        List<List<Step>> all = List.of(List.of());
        int dots = 0;
        for (Step each : steps) {
            List<List<Step>> longer = new ArrayList<>();
            for (List<Step> before : all) {
                longer.add(with(before, before.size(), each));
            }
            if (each.position() < 0 && dots < MOST_DOTS) {
                for (List<Step> before : all) {
                    int last = before.size() - 1;
                    if (last >= 0 && before.get(last).position() < 0) {
                        longer.add(with(before, last, new Step(before.get(last).name() + "." + each.name(), -1)));
                    }
                }
                dots++;
            }
            all = longer;
        }
        return all.stream()
                .filter(each -> each.size() < steps.size())
                .map(FieldPath::of)
                .toList();
    }

    private static List<Step> with(List<Step> steps, int place, Step step) {
        List<Step> longer = new ArrayList<>(steps.subList(0, place));
        longer.add(step);
        return longer;
    }
}
