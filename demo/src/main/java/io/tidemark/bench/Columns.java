package io.tidemark.bench;

import io.tidemark.job.AggregationSpec;
import io.tidemark.job.AggregationSpec.Function;
import io.tidemark.job.JobSpec;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * The fields of a job's rows, besides the count, by what the generator knows of them.
 *
 * @param sums exact sums of the voltage with two decimals
 * @param means means of the voltage
 * @param others fields that are only known to be there
 */
record Columns(List<String> sums, List<String> means, List<String> others) {

    /** The fields of a job that computes a count and the mean voltage. */
    static final Columns MEAN = new Columns(List.of(), List.of("voltage"), List.of());

    /** Returns the fields of a job whose condition is true of all records. */
    static Columns of(JobSpec job) {
        Predicate<AggregationSpec> sum = each ->
                ofVoltage(each, Function.SUM) && Objects.equals(each.options().decimal(), 2);
        Predicate<AggregationSpec> mean =
                each -> ofVoltage(each, Function.MEAN) && each.options().decimal() == null;
        return new Columns(
                names(job, sum), names(job, mean), names(job, sum.or(mean).negate()));
    }

    private static boolean ofVoltage(AggregationSpec each, Function function) {
        return each.function() == function
                && "voltage".equals(each.field())
                && each.options().where() == null;
    }

    private static List<String> names(JobSpec job, Predicate<AggregationSpec> which) {
        return job.aggregate().stream().filter(which).map(AggregationSpec::name).toList();
    }
}
