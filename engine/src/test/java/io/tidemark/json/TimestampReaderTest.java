package io.tidemark.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.job.TimestampSpec;
import io.tidemark.json.MalformedRecordException.Reason;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoUnit;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TimestampReaderTest {
    private static final List<String> ZONES =
            ZoneId.getAvailableZoneIds().stream().sorted().toList();
    private static final List<String> PATTERNS = List.of(
            "dd/MM/yyyy HH:mm:ss",
            "yyyy-MM-dd'T'HH:mm:ss.SSS",
            "uuuuMMddHHmmssSSS",
            "yyyyMMdd",
            "MM.dd.uuuu HH",
            "dd-MM-yyyy 'at' HH:mm",
            "d/M/yyyy H:mm",
            "dd MMM uuuu hh:mm:ss a",
            "EEE, d MMM yyyy HH:mm:ss",
            "yyyy-MM-dd HH:mm[:ss]",
            "yyyy-DDD HH:mm",
            "''yy''-MM-dd");

    /** Local times around every change of every zone there is, to the second and to the minute. */
    @Test
    void localTimesAroundEveryChangeOfEveryZoneAreWhatJavaTimeMakesOfThem() throws Exception {
        DateTimeFormatter writer = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss");
        Reader reader = new Reader();
        for (String id : ZONES) {
            ZoneId zone = ZoneId.of(id);
            reader.use(new TimestampSpec.Pattern("t", "yyyy-MM-dd HH:mm:ss", zone));
            for (ZoneOffsetTransition change : changes(zone.getRules())) {
                for (LocalDateTime edge : List.of(change.getDateTimeBefore(), change.getDateTimeAfter())) {
                    for (long seconds : new long[] {-86_400, -3_600, -1, 0, 1, 1_800, 3_600, 86_400}) {
                        LocalDateTime local = edge.plusSeconds(seconds);
                        assertThat(reader.string(local.format(writer)))
                                .as("%s in %s", local, id)
                                .isEqualTo(local.atZone(zone).toInstant().toEpochMilli());
                    }
                }
            }
        }
    }

    private static List<ZoneOffsetTransition> changes(ZoneRules rules) {
        // Fifty years of the rules that hold from now on, besides all that were ever recorded.
        return Stream.iterate(
                        rules.nextTransition(Instant.parse("0002-01-01T00:00:00Z")),
                        change -> change != null && change.getDateTimeBefore().getYear() < 2076,
                        change -> rules.nextTransition(change.getInstant()))
                .toList();
    }

    @Property(tries = 20_000)
    void aPatternMeansWhatItsFormatterMeans(@ForAll long seed) {
        Random random = new Random(seed);
        TimestampSpec.Pattern spec = new TimestampSpec.Pattern(
                "t", PATTERNS.get(random.nextInt(PATTERNS.size())), ZoneId.of(ZONES.get(random.nextInt(ZONES.size()))));
        Reader reader = new Reader();
        reader.use(spec);
        for (int i = 0; i < 4; i++) {
            LocalDateTime time = LocalDateTime.ofEpochSecond(
                    random.nextLong(-70_000_000_000L, 260_000_000_000L),
                    random.nextInt(1000) * 1_000_000,
                    ZoneOffset.UTC);
            String text = spoiled(time.format(DateTimeFormatter.ofPattern(spec.pattern(), Locale.ENGLISH)), random);
            Long expected = byFormatter(spec, text);
            assertThat(reader.orNull(text)).as("%s by %s", text, spec).isEqualTo(expected);
        }
    }

    /** Another digit or letter here and there, so that 31/02 and 24:61 come about. */
    private static String spoiled(String text, Random random) {
        if (random.nextBoolean()) {
            return text;
        }
        int at = random.nextInt(text.length());
        return switch (random.nextInt(4)) {
            case 0 -> text.substring(0, at);
            case 1 -> text.substring(0, at) + "+- :0".charAt(random.nextInt(5)) + text.substring(at);
            default -> text.substring(0, at) + random.nextInt(10) + text.substring(at + 1);
        };
    }

    /** The documented meaning in the fewest words. */
    static @Nullable Long byFormatter(TimestampSpec.Pattern spec, String text) {
        try {
            var parsed = spec.formatter().parseBest(text, LocalDateTime::from, LocalDate::from);
            LocalDateTime local = parsed instanceof LocalDateTime time ? time : ((LocalDate) parsed).atStartOfDay();
            long millis = local.atZone(spec.zone()).toInstant().toEpochMilli();
            return millis >= TimestampReader.EARLIEST && millis < TimestampReader.LATEST ? millis : null;
        } catch (DateTimeException | ArithmeticException e) {
            // Or a year so far away that no long holds its milliseconds.
            return null;
        }
    }

    @Property(tries = 50_000)
    void isoTimesAreWhatJavaTimeMakesOfThem(@ForAll long seed) {
        Random random = new Random(seed);
        ZoneId zone = ZoneId.of(ZONES.get(random.nextInt(ZONES.size())));
        Reader reader = new Reader();
        reader.use(new TimestampSpec.Iso("t", zone));
        LocalDateTime time = LocalDateTime.ofEpochSecond(
                random.nextLong(-62_000_000_000L, 253_000_000_000L), random.nextInt(1_000_000_000), ZoneOffset.UTC);
        if (random.nextBoolean()) {
            time = time.truncatedTo(ChronoUnit.MINUTES);
        }
        ZoneOffset offset =
                ZoneOffset.ofTotalSeconds(random.nextInt(-18 * 3600, 18 * 3600 + 1) / (random.nextBoolean() ? 1 : 60));
        String text =
                random.nextBoolean() ? time.toString() : time.atOffset(offset).toString();
        String changed = spoiled(text, random);
        Long expected = byIso(changed, zone);

        assertThat(reader.orNull(changed)).as("%s in %s", changed, zone).isEqualTo(expected);
    }

    private static final String CLOCK = "HH:mm[:ss[.SSSSSSSSS][.SSSSSSSS][.SSSSSSS][.SSSSSS][.SSSSS][.SSSS][.SSS][.SS]"
            + "[.S]][[XXXXX][XXXX][XX][X]]";
    private static final DateTimeFormatter ISO = new DateTimeFormatterBuilder()
            .appendPattern("uuuu-MM-dd['T'" + CLOCK + "][' '" + CLOCK + "]")
            .toFormatter(Locale.ENGLISH)
            .withResolverStyle(ResolverStyle.STRICT);

    /** Years with a sign are out of range, or have zeros in front, which ISO 8601 leaves to agreement. */
    static @Nullable Long byIso(String text, ZoneId zone) {
        if (text.startsWith("+") || text.startsWith("-")) {
            return null;
        }
        try {
            var parsed = ISO.parseBest(text, OffsetDateTime::from, LocalDateTime::from, LocalDate::from);
            Instant instant = parsed instanceof OffsetDateTime time
                    ? time.toInstant()
                    : parsed instanceof LocalDateTime time
                            ? time.atZone(zone).toInstant()
                            : ((LocalDate) parsed).atTime(0, 0).atZone(zone).toInstant();
            long millis = instant.toEpochMilli();
            return millis >= TimestampReader.EARLIEST && millis < TimestampReader.LATEST ? millis : null;
        } catch (DateTimeException e) {
            return null;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-755755761-12-27", "+755755761-12-27", "+03304-06-05", "-0001-01-01T00:00:00Z"})
    void aYearWithASignIsRefused(String text) {
        Reader reader = new Reader();
        reader.use(new TimestampSpec.Iso("t", ZoneId.of("Europe/Berlin")));

        assertThat(reader.orNull(text)).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "2006-12-23T16:52:00Z, 2006-12-23T16:52:00Z",
        "2006-12-23t16:52:00z, 2006-12-23T16:52:00Z",
        "2006-12-23T16:52Z, 2006-12-23T16:52:00Z",
        "2006-12-23 16:52:00.5+01:00, 2006-12-23T15:52:00.500Z",
        "'2006-12-23T16:52:00,123456789-0530', 2006-12-23T22:22:00.123Z",
        "2006-12-23T16:52:00+01, 2006-12-23T15:52:00Z",
        "2006-12-23T16:52:00, 2006-12-23T15:52:00Z",
        "2006-12-23, 2006-12-22T23:00:00Z",
        "1969-12-31T23:59:59.9999Z, 1969-12-31T23:59:59.999Z"
    })
    void isoTimesMayTakeTheseForms(String text, Instant expected) throws Exception {
        Reader reader = new Reader();
        reader.use(new TimestampSpec.Iso("t", ZoneId.of("Europe/Berlin")));

        assertThat(reader.string(text)).isEqualTo(expected.toEpochMilli());
    }

    @ParameterizedTest
    @CsvSource({
        "31/02/2006 00:00:00",
        "29/02/2007 00:00:00",
        "00/01/2006 00:00:00",
        "01/13/2006 00:00:00",
        "01/00/2006 00:00:00",
        "01/01/2006 24:00:00",
        "01/01/2006 23:60:00",
        "01/01/2006 23:59:60",
        "1/1/2006 00:00:00",
        "01/01/0000 00:00:00",
        "01/01/2006 00:00",
        "01/01/2006T00:00:00",
        "''",
        "'01/01/2006 00:00:00 '",
        "0a/01/2006 00:00:00",
        "01/01/-200 00:00:00",
        "01/01/+12345 00:00:00"
    })
    void timesThatDoNotExistAreRefused(String text) {
        Reader reader = new Reader();
        reader.use(new TimestampSpec.Pattern("t", "dd/MM/yyyy HH:mm:ss", ZoneOffset.UTC));

        assertThatThrownBy(() -> reader.string(text)).isInstanceOfSatisfying(MalformedRecordException.class, e -> {
            assertThat(e.reason()).isEqualTo(Reason.BAD_TIME);
            assertThat(e).hasMessage("t is not a time such as dd/MM/yyyy HH:mm:ss within the years 1 to 9999");
        });
    }

    @ParameterizedTest
    @CsvSource({"24/03/2007 02:30:00, 01:30", "25/03/2007 02:30:00, 01:30", "28/10/2007 02:30:00, 00:30"})
    void aSkippedTimeIsAnHourLaterAndARepeatedOneTheFirstOfTheTwo(String text, String utc) throws Exception {
        Reader reader = new Reader();
        reader.use(new TimestampSpec.Pattern("t", "dd/MM/yyyy HH:mm:ss", ZoneId.of("Europe/Berlin")));

        assertThat(Instant.ofEpochMilli(reader.string(text)).toString()).contains("T" + utc);
    }

    @Test
    void aPatternWithAnOffsetNeedsNoZone() throws Exception {
        Reader reader = new Reader();
        reader.use(new TimestampSpec.Pattern("t", "yyyy-MM-dd HH:mm:ss XXX", ZoneId.of("Asia/Tokyo")));

        assertThat(reader.string("2006-12-23 16:52:00 +01:00"))
                .isEqualTo(ZonedDateTime.parse("2006-12-23T16:52:00+01:00")
                        .toInstant()
                        .toEpochMilli());
    }

    @Test
    void escapesInATimeAreResolved() throws Exception {
        Reader reader = new Reader();
        reader.use(new TimestampSpec.Pattern("t", "dd/MM/yyyy HH:mm:ss", ZoneOffset.UTC));

        assertThat(reader.string("23\\/12\\/2006 16:52:0\\u0030"))
                .isEqualTo(Instant.parse("2006-12-23T16:52:00Z").toEpochMilli());
    }

    @ParameterizedTest
    @CsvSource({
        "1166892720, 1166892720000",
        "1166892720.1239, 1166892720123",
        "-0.0001, -1",
        "1.16689272e9, 1166892720000",
        "-62135510400, -62135510400000"
    })
    void secondsMayHaveDecimals(String json, long expected) throws Exception {
        Reader reader = new Reader();
        reader.use(new TimestampSpec.EpochSeconds("t"));

        assertThat(reader.json(json)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.5", "253402214400000", "-62135510400001", "1e300", "99999999999999999999999"})
    void millisecondsAreWholeAndWithinTheCalendar(String json) {
        Reader reader = new Reader();
        reader.use(new TimestampSpec.EpochMillis("t"));

        assertThatThrownBy(() -> reader.json(json))
                .isInstanceOfSatisfying(
                        MalformedRecordException.class,
                        e -> assertThat(e.reason()).isEqualTo(Reason.BAD_TIME));
    }

    @Test
    void aNumberInQuotesIsNotANumberOfSeconds() {
        Reader reader = new Reader();
        reader.use(new TimestampSpec.EpochSeconds("t"));

        assertThatThrownBy(() -> reader.string("1166892720"))
                .isInstanceOfSatisfying(
                        MalformedRecordException.class,
                        e -> assertThat(e.reason()).isEqualTo(Reason.WRONG_TYPE));
    }

    /** Reads the field t of records that have nothing else. */
    static final class Reader {
        private final List<FieldPath> fields = List.of(FieldPath.parse("t"));
        private final FieldScanner scanner = new FieldScanner(fields);
        private final FieldValues values = new FieldValues(fields);
        private TimestampReader reader = TimestampReader.of(new TimestampSpec.EpochMillis("t"));

        void use(TimestampSpec spec) {
            reader = TimestampReader.of(spec);
        }

        long string(String text) throws MalformedRecordException {
            return json('"' + text + '"');
        }

        @Nullable
        Long orNull(String text) {
            try {
                return string(text);
            } catch (MalformedRecordException e) {
                return null;
            }
        }

        long json(String value) throws MalformedRecordException {
            byte[] record = ("{\"t\":" + value + "}").getBytes(StandardCharsets.UTF_8);
            scanner.scan(record, 0, record.length, values);
            return reader.millis(values, 0);
        }
    }
}
