package io.tidemark.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.job.TimestampSpec;
import io.tidemark.job.TimestampSpec.Epoch.Count;
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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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

    /** The documented meaning in the fewest words: a pattern with hours has to give a whole time of day. */
    static @Nullable Long byFormatter(TimestampSpec.Pattern spec, String text) {
        try {
            LocalDateTime local = spec.pattern().matches(".*[Hh].*")
                    ? spec.formatter().parse(text, LocalDateTime::from)
                    : spec.formatter().parse(text, LocalDate::from).atStartOfDay();
            return inRange(local.atZone(spec.zone()).toInstant().toEpochMilli());
        } catch (DateTimeException | ArithmeticException e) {
            // Or a year so far away that no long holds its milliseconds.
            return null;
        }
    }

    /** Known right values, so that a fault of the other tests' oracle would be seen. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "yyyy-MM-dd HH:mm:ss       | 2023-11-14 04:52:10           | 2023-11-14T03:52:10Z",
                "yyyy-MM-dd hh:mm:ss a     | 2023-11-14 04:52:10 PM        | 2023-11-14T15:52:10Z",
                "yyyy-MM-dd hh:mm:ss a     | 2023-11-14 12:00:00 AM        | 2023-11-13T23:00:00Z",
                "yyyy-MM-dd KK:mm a        | 2023-11-14 00:30 PM           | 2023-11-14T11:30:00Z",
                "yyyy-MM-dd kk:mm          | 2023-11-14 24:30              | 2023-11-13T23:30:00Z",
                "yyyy-MM-dd HH             | 2023-11-14 17                 | 2023-11-14T16:00:00Z",
                "yyyy-MM-dd HH:mm[:ss]     | 2023-11-14 17:11              | 2023-11-14T16:11:00Z",
                "yyyy-MM-dd HH:mm[:ss]     | 2023-11-14 17:11:25           | 2023-11-14T16:11:25Z",
                "yyyy-MM-dd[ hh:mm a]      | 2023-11-14                    | 2023-11-13T23:00:00Z",
                "yyyy-MM-dd[ hh:mm a]      | 2023-11-14 05:11 PM           | 2023-11-14T16:11:00Z",
                "dd/MM/yyyy                | 14/11/2023                    | 2023-11-13T23:00:00Z",
                "yyyyMMddHHmmssSSS         | 20231114171125007             | 2023-11-14T16:11:25.007Z",
                "yyyy-MM-dd HH:mm:ss,S     | 2023-11-14 17:11:25,7         | 2023-11-14T16:11:25.700Z",
                "yyyy-MM-dd A              | 2023-11-14 61885007           | 2023-11-14T16:11:25.007Z",
                "yyyy-DDD HH:mm            | 2023-318 17:11                | 2023-11-14T16:11:00Z",
                "EEE, d MMM yy HH:mm:ss    | Tue, 14 Nov 23 17:11:25       | 2023-11-14T16:11:25Z",
                "yyyy-MM-dd VV             | 2023-11-14 Asia/Tokyo         | 2023-11-13T15:00:00Z",
                "yyyy-MM-dd VV             | 2023-11-14 UTC                | 2023-11-14T00:00:00Z",
                "yyyy-MM-dd XXX            | 2023-11-14 -05:00             | 2023-11-14T05:00:00Z",
                "yyyy-MM-dd HH:mm VV       | 2023-11-14 17:11 Asia/Tokyo   | 2023-11-14T08:11:00Z",
                "EEE, d MMM yyyy HH:mm:ss VV | Tue, 14 Nov 2023 17:11:25 GMT | 2023-11-14T17:11:25Z",
                "yyyy-MM-dd HH:mm O        | 2023-11-14 17:11 GMT+9        | 2023-11-14T08:11:00Z",
                "yyyy-MM-dd HH:mm[ VV]     | 2023-11-14 17:11              | 2023-11-14T16:11:00Z",
                "yyyy-MM-dd HH:mm:ssxx     | 2023-11-14 17:11:25+0900      | 2023-11-14T08:11:25Z",
                "yyyy-MM-dd HH:mm XXX '['VV']' | 2023-10-29 02:30 +02:00 [Europe/Berlin] | 2023-10-29T00:30:00Z",
                "yyyy-MM-dd XXX '['VV']'   | 2023-11-14 -05:00 [America/New_York] | 2023-11-14T05:00:00Z"
            })
    void aTextInAPatternIsThisTimeInBerlin(String pattern, String text, Instant expected) throws Exception {
        Reader reader = new Reader();
        reader.use(new TimestampSpec.Pattern("t", pattern, ZoneId.of("Europe/Berlin")));

        assertThat(Instant.ofEpochMilli(reader.string(text))).isEqualTo(expected);
    }

    /** The formatter gives a date for these, and keeps the rest of the clock without an error. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "yyyy-MM-dd hh:mm[ a]      | 2023-11-14 05:11",
                "yyyy-MM-dd[ HH][:mm][:ss] | 2023-11-14:11:25",
                "yyyy-MM-dd[ HH][:mm][:ss] | 2023-11-14 17:25:25:25",
                "[yyyy-]MM-dd              | 11-14"
            })
    void aPartOfATimeOfDayIsNotMidnight(String pattern, String text) {
        Reader reader = new Reader();
        reader.use(new TimestampSpec.Pattern("t", pattern, ZoneOffset.UTC));

        assertThatThrownBy(() -> reader.string(text))
                .isInstanceOfSatisfying(
                        MalformedRecordException.class,
                        e -> assertThat(e.reason()).isEqualTo(Reason.BAD_TIME));
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
        if (random.nextInt(3) == 0) {
            text = BASIC.format(time) + (random.nextBoolean() ? "" : offset);
        }
        if (random.nextInt(5) == 0) {
            text = text.replaceFirst("T\\d\\d", "T24");
        }
        String changed = spoiled(text, random);
        Long expected = byIso(changed, zone);

        assertThat(reader.orNull(changed)).as("%s in %s", changed, zone).isEqualTo(expected);
    }

    private static final String CLOCK = "HH:mm[:ss[.SSSSSSSSS][.SSSSSSSS][.SSSSSSS][.SSSSSS][.SSSSS][.SSSS][.SSS][.SS]"
            + "[.S]][[XXXXX][XXXX][XX][X]]";
    private static final DateTimeFormatter BASIC = DateTimeFormatter.ofPattern("uuuuMMdd['T'HHmm[ss]]", Locale.ENGLISH)
            .withResolverStyle(ResolverStyle.STRICT);
    private static final Pattern END_OF_DAY =
            Pattern.compile("([-\\d]+[T ])24(:?00(?::?00(?:[.,]0{1,9})?)?)((?:[zZ+-].*)?)");
    private static final DateTimeFormatter ISO = new DateTimeFormatterBuilder()
            .appendPattern("[uuuu-MM-dd['T'" + CLOCK + "][' '" + CLOCK + "]]")
            .appendPattern("[" + ("uuuuMMdd['T'" + CLOCK + "][' '" + CLOCK + "]").replace("HH:mm[:ss", "HHmm[ss") + "]")
            .toFormatter(Locale.ENGLISH)
            .withResolverStyle(ResolverStyle.STRICT);

    /** Years with a sign are out of range, or have zeros in front, which ISO 8601 leaves to agreement. */
    static @Nullable Long byIso(String text, ZoneId zone) {
        if (text.startsWith("+") || text.startsWith("-")) {
            return null;
        }
        Matcher endOfDay = END_OF_DAY.matcher(text);
        if (endOfDay.matches()
                && endOfDay.group(1).contains("-") == endOfDay.group(2).contains(":")) {
            // The offset, if any, stays the same.
            Long midnight = byIso(endOfDay.group(1) + "00" + endOfDay.group(2) + endOfDay.group(3), ZoneOffset.UTC);
            boolean isLocal = endOfDay.group(3).isEmpty();
            return midnight == null
                    ? null
                    : inRange(LocalDateTime.ofEpochSecond(midnight / 1000 + 86_400, 0, ZoneOffset.UTC)
                            .atZone(isLocal ? zone : ZoneOffset.UTC)
                            .toInstant()
                            .toEpochMilli());
        }
        try {
            var parsed = ISO.parseBest(text, OffsetDateTime::from, LocalDateTime::from, LocalDate::from);
            Instant instant = parsed instanceof OffsetDateTime time
                    ? time.toInstant()
                    : parsed instanceof LocalDateTime time
                            ? time.atZone(zone).toInstant()
                            : ((LocalDate) parsed).atTime(0, 0).atZone(zone).toInstant();
            return inRange(instant.toEpochMilli());
        } catch (DateTimeException e) {
            return null;
        }
    }

    private static @Nullable Long inRange(long millis) {
        return millis >= TimestampReader.EARLIEST && millis < TimestampReader.LATEST ? millis : null;
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
        "1969-12-31T23:59:59.9999Z, 1969-12-31T23:59:59.999Z",
        "20231113T150000Z, 2023-11-13T15:00:00Z",
        "20231113T1500Z, 2023-11-13T15:00:00Z",
        "20231113 150000+01, 2023-11-13T14:00:00Z",
        "'20231113T150000,5+0100', 2023-11-13T14:00:00.500Z",
        "20231113T150000.5-01:00, 2023-11-13T16:00:00.500Z",
        "20231113T150000, 2023-11-13T14:00:00Z",
        "20231113, 2023-11-12T23:00:00Z",
        "2023-11-13T24:00Z, 2023-11-14T00:00:00Z",
        "2023-12-31T24:00:00Z, 2024-01-01T00:00:00Z",
        "2023-11-13T24:00:00.000+01:00, 2023-11-13T23:00:00Z",
        "20231113T2400, 2023-11-13T23:00:00Z",
        "2007-03-25T24:00, 2007-03-25T22:00:00Z",
        "2006-12-23T00:00:00.25Z, 2006-12-23T00:00:00.250Z",
        "20061223T000909Z, 2006-12-23T00:09:09Z",
        "2006-12-23T10:00:00+18:00, 2006-12-22T16:00:00Z",
        "2006-12-23T10:00:00-00:00:01, 2006-12-23T10:00:01Z"
    })
    void isoTimesMayTakeTheseForms(String text, Instant expected) throws Exception {
        Reader reader = new Reader();
        reader.use(new TimestampSpec.Iso("t", ZoneId.of("Europe/Berlin")));

        assertThat(reader.string(text)).isEqualTo(expected.toEpochMilli());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2006-12-23T16:52:00x",
                "2006-12-23T16:52:00Zx",
                "2006-12-23T16:52:00.Z",
                "2006-12-23T16:52:00.1234567890Z",
                "2006-12-23T16:52:00+18:00:01",
                "2006-12-23T16:52:00+19",
                "2006-12-23T24:00:00.009Z",
                "2023-W46-1",
                "2023-W46-1T15:00:00Z",
                "2023W461",
                "2023-317",
                "2023-101",
                "2023317T150000Z",
                "2023101T150000Z",
                "2023-11-13T23:59:60Z",
                "20231113T235960Z",
                "2023-11-13T24:01Z",
                "2023-11-13T24:00:00.0009Z",
                "20231113T240001Z",
                "2023-11-13T25:00Z",
                "2023-11-13T150000Z",
                "20231113T15:00:00Z",
                "20231113150000",
                "20231113T15Z",
                "2023-11",
                "202311",
                "23-11-13"
            })
    void otherIsoFormsAreRefusedWithTheFormsThatAreRead(String text) {
        Reader reader = new Reader();
        reader.use(new TimestampSpec.Iso("t", ZoneOffset.UTC));

        assertThatThrownBy(() -> reader.string(text)).isInstanceOfSatisfying(MalformedRecordException.class, e -> {
            assertThat(e.reason()).isEqualTo(Reason.BAD_TIME);
            assertThat(e)
                    .hasMessage(
                            "t is not an ISO-8601 time such as 2006-12-23T16:52:00+01:00 or 20061223T155200Z within the"
                                    + " years 1 to 9999; weeks (2006-W51-6), days of the year (2006-357) and second 60 are not"
                                    + " read");
        });
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

    /** Reads the field t of records that have nothing else. */
    static final class Reader {
        private final List<FieldPath> fields = List.of(FieldPath.parse("t"));
        private final FieldScanner scanner = new FieldScanner(fields);
        private final FieldValues values = new FieldValues(fields);
        private TimestampReader reader = TimestampReader.of(new TimestampSpec.Epoch("t", Count.EPOCH_MILLIS, false));

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
