package io.tidemark.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The published schema and the documented table of fields are those of the code. */
class JobReferenceTest {
    private static final Path SCHEMA = Path.of("../docs/reference/job.schema.json");
    private static final Path PAGE = Path.of("../docs/reference/job-file.md");
    private static final String BEGIN = "<!-- fields: begin -->\n";
    private static final String END = "<!-- fields: end -->";

    private static final String RENEW = "%s differs from the table of fields in JobFields. Renew it with:"
            + " ./mvnw -q test -pl engine -am -Dtest=JobReferenceTest -Dsurefire.failIfNoSpecifiedTests=false"
            + " -Dtidemark.renew=true";

    @Test
    void thePublishedSchemaIsThatOfTheCode() throws IOException {
        check(SCHEMA, Files.exists(SCHEMA) ? Files.readString(SCHEMA) : "", JobSchema.text());
    }

    @Test
    void theDocumentedTableIsThatOfTheCode() throws IOException {
        String page = Files.readString(PAGE);
        int begin = page.indexOf(BEGIN);
        int end = page.indexOf(END);
        assertThat(begin).as("the line %s in %s", BEGIN.strip(), PAGE).isNotNegative();
        assertThat(end).as("the line %s in %s", END, PAGE).isGreaterThan(begin);

        check(PAGE, page, page.substring(0, begin + BEGIN.length()) + FieldTable.markdown() + page.substring(end));
    }

    private static void check(Path file, String is, String expected) throws IOException {
        if (Boolean.getBoolean("tidemark.renew")) {
            Files.writeString(file, expected);
        } else {
            assertThat(is).as(RENEW, file).isEqualTo(expected);
        }
    }
}
