package io.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/** The structure of the page. It is well-formed XML too, so the JDK can read it; {@code .ci/report} asks a browser. */
class ReportPageTest {
    private static final String HOSTILE = "</script><img src=x onerror=alert(1)>&amp;\"'\u0001\ud800\ufffe";

    @Test
    void aJobHasItsTilesChartsAndTables() throws Exception {
        Document page = page(ReportSamples.report(ReportSamples.job("voltage-daily", 8, 60, 24)));

        assertThat(elements(page, "article", each -> true)).hasSize(1);
        assertThat(withClass(page, "tile")).hasSize(6);
        assertThat(elements(page, "h3", each -> true))
                .extracting(Element::getTextContent)
                .containsExactly(
                        "Problems and warnings of the last run",
                        "Calendar",
                        "Duration",
                        "What became of the offsets",
                        "Records that were not counted",
                        "Partitions",
                        "Steps of the last run");
        assertThat(withClass(page, "cell o done")).hasSize(57);
        assertThat(withClass(page, "cell o failed")).hasSize(1);
        assertThat(withClass(page, "hit")).as("three charts of 60 runs").hasSize(180);
        assertThat(elements(page, "rect", each -> each.getAttribute("class").matches("q[0-5]( bad)?")))
                .hasSize(8);
        assertThat(elements(page, "rect", each -> each.getAttribute("class").startsWith("s ")))
                .hasSize(26);
        assertThat(elements(page, "tr", each -> true)).as("runs and a heading").hasSize(61);
        assertThat(page.getElementsByTagName("pre").item(0).getTextContent()).contains("topic: readings");
    }

    @Test
    void theAccountOfEachRunHasEveryFateAtItsHeight() throws Exception {
        ObjectNode job = ReportSamples.job("voltage-daily", 8, 1, 24);
        ObjectNode counts =
                (ObjectNode) job.path("runs").path(0).path("summary").path("counts");
        counts.removeAll();
        counts.put("folded", 300).put("lost", 100);

        Document page = page(ReportSamples.report(job));

        double folded = height(withClass(page, "f folded").findFirst().orElseThrow());
        double lost = height(withClass(page, "f lost").findFirst().orElseThrow());
        assertThat(folded / lost).isBetween(2.9, 3.1);
    }

    @Test
    void badRecordsAreShownByReasonThoseWithTheMostFirst() throws Exception {
        ObjectNode job = ReportSamples.job("voltage-daily", 8, 3, 24);
        reasons(job, 0).put("NOT_JSON", 2).put("<b>", 1);
        reasons(job, 1).put("NOT_JSON", 1).put("BAD_TIME", 4_000);

        Document page = page(ReportSamples.report(job));

        assertThat(elements(page, "h3", each -> true))
                .extracting(Element::getTextContent)
                .contains("Bad records by reason");
        assertThat(elements(page, "tr", each -> true).map(Element::getTextContent))
                .containsSubsequence("BAD_TIME04,000", "NOT_JSON23", "<b>11");
    }

    private static ObjectNode reasons(ObjectNode job, int run) {
        return ((ObjectNode) job.path("runs").path(run).path("summary").path("counts")).putObject("reasons");
    }

    @ParameterizedTest
    @CsvSource({"8, 8, 250000", "500, 500, 400000", "501, 251, 400000", "5000, 500, 700000", "100000, 500, 4000000"})
    void manyPartitionsShareCells(int partitions, int cells, int mostBytes) throws Exception {
        String html = ReportPage.of(ReportSamples.report(ReportSamples.job("clicks", partitions, 60, 1)));

        assertThat(elements(
                        parse(html), "rect", each -> each.getAttribute("class").matches("q[0-5]( bad)?")))
                .hasSize(cells);
        assertThat(html.length()).isLessThan(mostBytes);
    }

    @Test
    void aCellHasARoundNumberOfPartitions() {
        assertThat(IntStream.of(1, 500, 501, 1_001, 2_501, 5_000, 10_000, 100_000)
                        .map(ReportPartitions::perCell))
                .containsExactly(1, 1, 2, 5, 10, 10, 20, 200);
        assertThat(LongStream.of(0, 1, 20, 21, 100).mapToInt(each -> ReportPartitions.level(each, 100)))
                .containsExactly(0, 1, 1, 2, 5);
    }

    @Test
    void noTextOfARunBecomesMarkup() throws Exception {
        ObjectNode job = ReportSamples.job("voltage-daily", 8, 3, 24);
        job.put("job", HOSTILE);
        ((ObjectNode) job.path("definition")).put("name", HOSTILE);
        ((ObjectNode) job.path("schedule")).put("cron", HOSTILE);
        for (var each : job.path("runs")) {
            ((ObjectNode) each).put("runId", HOSTILE).put("workflowId", HOSTILE).put("outcome", HOSTILE);
            ((ObjectNode) each).putObject("error").put("kind", HOSTILE).put("message", HOSTILE);
            ((ObjectNode) each.path("summary"))
                    .put("input", HOSTILE)
                    .putArray("warnings")
                    .add(HOSTILE);
        }
        ((ObjectNode) job.path("runs").path(0).path("steps").path(0))
                .put("step", HOSTILE)
                .put("detail", HOSTILE);
        ObjectNode report = ReportSamples.report(job);
        report.put("server", HOSTILE);

        String html = ReportPage.of(report);
        Document page = parse(html);

        assertThat(html).doesNotContain("<img");
        assertThat(elements(page, "script", each -> true)).hasSize(2);
        assertThat(new ObjectMapper().readTree(data(page)).toString())
                .as("the data are whole")
                .isEqualTo(report.toString());
        assertThat(page.getElementsByTagName("h2").item(0).getTextContent())
                .startsWith("</script><img src=x onerror=alert(1)>&amp;\"'\ufffd\ufffd\ufffd");
    }

    @Test
    void onlyItsOwnStyleAndScriptMayRunAndNothingIsLoaded() throws Exception {
        Document page = page(ReportSamples.report(ReportSamples.job("voltage-daily", 8, 60, 24)));

        String policy = elements(page, "meta", each -> each.hasAttribute("http-equiv"))
                .findFirst()
                .orElseThrow()
                .getAttribute("content");
        String style = page.getElementsByTagName("style").item(0).getTextContent();
        String script = page.getElementsByTagName("script").item(1).getTextContent();
        assertThat(policy)
                .startsWith("default-src 'none'; ")
                .contains("style-src '" + hash(style) + "'", "script-src '" + hash(script) + "'")
                .doesNotContain("unsafe", "http", "*");
        assertThat(elements(page, "*", each -> each.hasAttribute("src") || each.hasAttribute("style")))
                .isEmpty();
        assertThat(elements(page, "*", each -> each.hasAttribute("href")))
                .allMatch(each -> each.getAttribute("href").startsWith("http://localhost:8233/namespaces/default/"));
        assertThat(style + script).doesNotContain("<", "&", "url(", "@import", "fetch(", "http:", "https:");
    }

    @Test
    void severalJobsHaveAnIndex() throws Exception {
        Document page = page(ReportSamples.report(
                ReportSamples.job("voltage-daily", 8, 60, 24), ReportSamples.job("never-ran", 8, 0, 24)));

        assertThat(elements(page, "a", each -> each.getAttribute("href").startsWith("#")))
                .extracting(Element::getTextContent)
                .containsExactly("voltage-daily", "never-ran");
        assertThat(elements(page, "article", each -> true))
                .extracting(each -> each.getAttribute("id"))
                .containsExactly("job-voltage-daily", "job-never-ran");
    }

    /** Times that a daily job, an hourly one and one of every minute have; a cell is a day, an hour, five minutes. */
    @ParameterizedTest
    @CsvSource({"60, 24, each day", "60, 1, each hour", "1, 24, each day"})
    void theCalendarHasCellsThatFitTheRuns(int runs, int everyHours, String cells) throws Exception {
        assertThat(ReportPage.of(ReportSamples.report(ReportSamples.job("any", 8, runs, everyHours))))
                .contains("Runs of " + cells);
    }

    @Test
    void aRunThatKnowsNothingIsShownAllTheSame() throws Exception {
        ObjectNode job = ReportSamples.job("voltage-daily", 8, 2, 24);
        for (var each : job.path("runs")) {
            ((ObjectNode) each)
                    .putNull("summary")
                    .putNull("ended")
                    .putNull("nominal")
                    .putArray("steps");
        }
        job.putNull("definition").putNull("schedule").putArray("partitions");

        Document page = page(ReportSamples.report(job));

        assertThat(elements(page, "h3", each -> true))
                .extracting(Element::getTextContent)
                .containsExactly("Calendar", "Duration", "What became of the offsets");
    }

    private static Document page(ObjectNode report) throws Exception {
        return parse(ReportPage.of(report));
    }

    private static Document parse(String html) throws Exception {
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(html)));
    }

    private static Stream<Element> elements(Document page, String name, Predicate<Element> which) {
        NodeList all = page.getElementsByTagName(name);
        return IntStream.range(0, all.getLength())
                .mapToObj(each -> (Element) all.item(each))
                .filter(which);
    }

    private static Stream<Element> withClass(Document page, String name) {
        return elements(page, "*", each -> each.getAttribute("class").equals(name));
    }

    private static double height(Element element) {
        return Double.parseDouble(element.getAttribute("height"));
    }

    private static String data(Document page) {
        return page.getElementsByTagName("script").item(0).getTextContent();
    }

    private static String hash(String text) throws Exception {
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        return "sha256-" + Base64.getEncoder().encodeToString(hash);
    }
}
