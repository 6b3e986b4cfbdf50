package io.tidemark.project;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.codeUnits;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import io.tidemark.job.StartSpec;
import io.tidemark.job.TimestampSpec;
import io.tidemark.job.WindowSpec;
import org.junit.jupiter.api.Test;

/** Every kind of window, timestamp and start is handled by name. */
@AnalyzeClasses(packages = "io.tidemark", importOptions = ImportOption.DoNotIncludeTests.class)
class KindsTest {
    /** Chains of instanceof give a new kind the meaning of the last one, without a word from the compiler. */
    @ArchTest
    static final ArchRule everyKindIsMatched = codeUnits()
            .should(new AskNoKind())
            .because("match() has a parameter for each kind, so that a new kind is an error of the compiler");

    /** No {@code instanceof} of a kind of window, timestamp or start. */
    static final class AskNoKind extends ArchCondition<JavaCodeUnit> {
        AskNoKind() {
            super("ask no kind of window, timestamp or start by instanceof");
        }

        @Override
        public void check(JavaCodeUnit method, ConditionEvents events) {
            method.getInstanceofChecks().stream()
                    .filter(each -> each.getRawType().isAssignableTo(WindowSpec.class)
                            || each.getRawType().isAssignableTo(TimestampSpec.class)
                            || each.getRawType().isAssignableTo(StartSpec.class))
                    .forEach(each -> events.add(SimpleConditionEvent.violated(
                            method,
                            method.getFullName() + " asks for "
                                    + each.getRawType().getName())));
        }
    }

    private static boolean asksByInstanceof(WindowSpec window) {
        return window instanceof WindowSpec.None;
    }

    @Test
    void aKindThatIsAskedByInstanceofIsFound() {
        assertThat(asksByInstanceof(new WindowSpec.None())).isTrue();
        JavaClasses thisClass = new ClassFileImporter().importClasses(KindsTest.class);

        assertThat(codeUnits()
                        .should(new AskNoKind())
                        .evaluate(thisClass)
                        .getFailureReport()
                        .getDetails())
                .singleElement()
                .asString()
                .contains("asksByInstanceof", "WindowSpec$None");
    }
}
