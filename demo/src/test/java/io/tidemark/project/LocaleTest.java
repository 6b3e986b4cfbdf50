package io.tidemark.project;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.text.DecimalFormat;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** No module writes or reads text in the default locale, whose digits and letters differ between machines. */
@AnalyzeClasses(
        packages = "io.tidemark",
        importOptions = {ImportOption.DoNotIncludeTests.class, ArchitectureTest.DoNotIncludeTestkit.class})
class LocaleTest {
    /** Methods and constructors that take the default locale unless they are given one. */
    private static final Pattern LOCALIZED = Pattern.compile(String.join(
            "|",
            "java\\.lang\\.String\\.(format|formatted|toLowerCase|toUpperCase)",
            "java\\.io\\.(PrintStream|PrintWriter|Console)\\.(printf|format)",
            "java\\.util\\.(Formatter|Scanner)\\.<init>",
            "java\\.time\\.format\\.DateTimeFormatter\\.(ofPattern|ofLocalized\\w+)",
            "java\\.time\\.format\\.DateTimeFormatterBuilder\\.(toFormatter|getLocalizedDateTimePattern)",
            "java\\.text\\.(NumberFormat|DateFormat|Collator|BreakIterator|DecimalFormatSymbols)\\.get\\w+",
            "java\\.text\\.(DecimalFormat|SimpleDateFormat|MessageFormat)\\.<init>",
            "java\\.text\\.MessageFormat\\.format",
            "java\\.util\\.Locale\\.getDefault"));

    @ArchTest
    static final ArchRule nothingIsFormattedInTheDefaultLocale = noClasses()
            .should()
            .callCodeUnitWhere(new UsesTheDefaultLocale())
            .because("two machines with other locales must write the same bytes: pass Locale.ROOT");

    /** A call of one of these methods without a {@link Locale} among its parameters. */
    static final class UsesTheDefaultLocale extends DescribedPredicate<JavaCall<?>> {
        UsesTheDefaultLocale() {
            super("use the default locale");
        }

        @Override
        public boolean test(JavaCall<?> call) {
            String method = call.getTargetOwner().getName() + "." + call.getName();
            List<JavaClass> parameters = call.getTarget().getRawParameterTypes();
            return LOCALIZED.matcher(method).matches()
                    && parameters.stream()
                            .noneMatch(each -> Set.of("java.util.Locale", "java.text.DecimalFormatSymbols")
                                    .contains(each.getName()));
        }
    }

    /** Each of these texts depends on the default locale. */
    @SuppressWarnings({"DefaultLocale", "StringCaseLocaleUsage"})
    private static final class Careless {
        String text(DateTimeFormatter formatter) {
            return "%d".formatted(7)
                    + String.format("%d", 7)
                    + "I".toLowerCase()
                    + new DecimalFormat("0").format(7)
                    + formatter.withLocale(Locale.ROOT)
                    + DateTimeFormatter.ofPattern("d");
        }
    }

    @Test
    void eachCallWithoutALocaleIsFound() {
        JavaClasses careless = new ClassFileImporter().importClasses(Careless.class);

        assertThat(nothingIsFormattedInTheDefaultLocale
                        .evaluate(careless)
                        .getFailureReport()
                        .getDetails())
                .hasSize(5);
    }
}
