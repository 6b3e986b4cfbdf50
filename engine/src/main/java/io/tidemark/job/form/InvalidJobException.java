package io.tidemark.job.form;

/** Refuses a job: which field is wrong, as a path from the top of the job, and what to write instead. */
public final class InvalidJobException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    private final String path;
    private final String problem;

    /**
     * @param path where in the job, such as {@code aggregate.voltage.mean}; empty for the job as a whole
     * @param problem what is expected there, what was found, and what to do
     */
    public InvalidJobException(String path, String problem) {
        super(path.isEmpty() ? problem : path + ": " + problem);
        this.path = path;
        this.problem = problem;
    }

    /** Where in the job, such as {@code aggregate.voltage.mean}; empty for the job as a whole. */
    public String path() {
        return path;
    }

    /** What is wrong there and what to do, without the path. */
    public String problem() {
        return problem;
    }
}
