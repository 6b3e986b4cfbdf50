package io.tidemark.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.job.TimestampSpec;
import io.tidemark.job.TimestampSpec.Epoch.Count;
import io.tidemark.json.MalformedRecordException.Reason;
import io.tidemark.json.TimestampReaderTest.Reader;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class EpochTimestampsTest {
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
        reader.use(new TimestampSpec.Epoch("t", Count.EPOCH_SECONDS, false));

        assertThat(reader.json(json)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "EPOCH_MICROS, 1166892720123456, 1166892720123",
        "EPOCH_MICROS, 1166892720123999.0, 1166892720123",
        "EPOCH_MICROS, 1.16689272e15, 1166892720000",
        "EPOCH_MICROS, -1, -1",
        "EPOCH_MICROS, -62135510400000000, -62135510400000",
        "EPOCH_NANOS, 1166892720123456789, 1166892720123",
        "EPOCH_NANOS, 1166892720123999999, 1166892720123",
        "EPOCH_NANOS, -1, -1",
        "EPOCH_NANOS, -1000000, -1",
        "EPOCH_NANOS, -62135510400000000000, -62135510400000",
        "EPOCH_NANOS, 253402214399999999999, 253402214399999",
    })
    void finerNumbersAreRoundedDownToTheMillisecond(Count format, String json, long expected) throws Exception {
        Reader reader = new Reader();
        reader.use(new TimestampSpec.Epoch("t", format, false));

        assertThat(reader.json(json)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "EPOCH_MICROS, 0.5, microseconds",
        "EPOCH_MICROS, 1166892720123456.5, microseconds",
        "EPOCH_MICROS, 1e-1, microseconds",
        "EPOCH_MICROS, 253402214400000000, microseconds",
        "EPOCH_NANOS, 0.5, nanoseconds",
        "EPOCH_NANOS, 1e-7, nanoseconds",
        "EPOCH_NANOS, 253402214400000000000, nanoseconds",
        "EPOCH_NANOS, -62135510400000000001, nanoseconds",
        "EPOCH_NANOS, 1e300, nanoseconds",
    })
    void finerNumbersAreWholeAndWithinTheCalendar(Count format, String json, String unit) {
        Reader reader = new Reader();
        reader.use(new TimestampSpec.Epoch("t", format, false));

        assertThatThrownBy(() -> reader.json(json)).isInstanceOfSatisfying(MalformedRecordException.class, e -> {
            assertThat(e.reason()).isEqualTo(Reason.BAD_TIME);
            assertThat(e).hasMessage("t is not a whole number of " + unit + " since 1970 within the years 1 to 9999");
        });
    }

    /** Every number is read in quotes as without, whichever form of JSON it has. */
    @Property
    void aNumberInQuotesIsTheNumber(@ForAll long seed) throws Exception {
        Random random = new Random(seed);
        Count format = Count.values()[random.nextInt(Count.values().length)];
        long millis = random.nextLong(TimestampReader.EARLIEST, TimestampReader.LATEST);
        BigDecimal exact = BigDecimal.valueOf(millis)
                .multiply(BigDecimal.valueOf(format.perSecond()))
                .movePointLeft(3);
        String number = switch (random.nextInt(3)) {
            case 0 -> exact.toPlainString();
            case 1 -> exact.unscaledValue() + "e" + -exact.scale();
            default -> exact.setScale(exact.scale() + random.nextInt(4)).toPlainString();
        };
        Reader reader = new Reader();
        reader.use(new TimestampSpec.Epoch("t", format, true));

        assertThat(reader.json(number)).as(number).isEqualTo(millis);
        assertThat(reader.string(number)).as(number).isEqualTo(millis);
        assertThat(reader.string("\\u00" + Integer.toHexString(number.charAt(0)) + number.substring(1)))
                .as(number)
                .isEqualTo(millis);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " 1",
                "1 ",
                "+1",
                "01",
                "-",
                "-01",
                ".5",
                "1.",
                "1.e3",
                "1e",
                "1e+",
                "0x1",
                "1_000",
                "1,5",
                "NaN",
                "1e3.0",
                "2006-12-23",
                "\\u0661"
            })
    void whatIsNoNumberOfJsonIsNoTimeInQuotes(String text) {
        Reader reader = new Reader();
        reader.use(new TimestampSpec.Epoch("t", Count.EPOCH_SECONDS, true));

        assertThatThrownBy(() -> reader.string(text)).isInstanceOfSatisfying(MalformedRecordException.class, e -> {
            assertThat(e.reason()).isEqualTo(Reason.BAD_TIME);
            assertThat(e).hasMessage("t is not a number of seconds since 1970 within the years 1 to 9999");
        });
    }

    /** Version 0.1 refused them, and a job must not count other records because its workers were updated. */
    @Test
    void aNumberInQuotesIsABadRecordUnlessTheJobSaysSo() {
        Reader reader = new Reader();
        reader.use(new TimestampSpec.Epoch("t", Count.EPOCH_MILLIS, false));

        assertThatThrownBy(() -> reader.string("1166892720000"))
                .isInstanceOfSatisfying(MalformedRecordException.class, e -> {
                    assertThat(e.reason()).isEqualTo(Reason.WRONG_TYPE);
                    assertThat(e)
                            .hasMessage(
                                    "t is not a whole number of milliseconds since 1970 but a string; if the numbers are in"
                                            + " quotes, set input.timestamp.quoted: true");
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.5", "253402214400000", "-62135510400001", "1e300", "99999999999999999999999"})
    void millisecondsAreWholeAndWithinTheCalendar(String json) {
        Reader reader = new Reader();
        reader.use(new TimestampSpec.Epoch("t", Count.EPOCH_MILLIS, false));

        assertThatThrownBy(() -> reader.json(json))
                .isInstanceOfSatisfying(
                        MalformedRecordException.class,
                        e -> assertThat(e.reason()).isEqualTo(Reason.BAD_TIME));
    }

    /** The digits of a number in a known layout were read by the scanner; of a number in a new one they are read here. */
    @ParameterizedTest
    @EnumSource(Count.class)
    void aNumberInAKnownLayoutIsTheSameTime(Count format) throws Exception {
        List<FieldPath> paths = List.of(FieldPath.parse("t"));
        FieldScanner trained = new FieldScanner(paths);
        TimestampReader reader = TimestampReader.of(new TimestampSpec.Epoch("t", format, false));
        byte[] other = "{\"t\":1.5,\"x\":\"some text to make it longer\"}".getBytes(StandardCharsets.UTF_8);
        FieldValues values = new FieldValues(paths);
        trained.scan(other, 0, other.length, values);
        for (String sign : List.of("", "-")) {
            for (String digits :
                    List.of("0", "1", "999", "1000", "1001", "123456789", "999999", "253402214399", "62135510400")) {
                for (int zeros = 0; zeros < 9; zeros++) {
                    for (String decimals : List.of("", ".0", ".5")) {
                        String number = sign + digits + "0".repeat(digits.equals("0") ? 0 : zeros) + decimals;
                        byte[] record = ("{\"t\":" + number + ",\"x\":\"some text to make it longer\"}")
                                .getBytes(StandardCharsets.UTF_8);
                        for (int i = 0; i < 4; i++) {
                            trained.scan(record, 0, record.length, values);
                            FieldValues fresh = new FieldValues(paths);
                            new FieldScanner(paths).scan(record, 0, record.length, fresh);

                            assertThat(values.isWhole(0)).as(number).isEqualTo(isWhole(number));
                            assertThat(reader.read(values, 0)).as(number).isEqualTo(reader.read(fresh, 0));
                        }
                    }
                }
            }
        }
    }

    private static boolean isWhole(String number) {
        return !number.contains(".")
                && !number.equals("-0")
                && number.replace("-", "").length() <= 18;
    }
}
