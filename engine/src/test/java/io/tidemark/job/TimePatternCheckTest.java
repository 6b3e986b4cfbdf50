package io.tidemark.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.job.form.InvalidJobException;
import java.time.ZoneId;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TimePatternCheckTest {

    /** Java accepts all of these, and reads midnight, no time at all, or a wrong time. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "yyyy-MM-dd hh:mm:ss    | yyyy-MM-dd HH:mm:ss | hh is the hour from 1 to 12 and needs a for AM or PM",
                "dd/MM/yyyy h:mm        | dd/MM/yyyy H:mm     | h is the hour from 1 to 12 and needs a for AM or PM",
                "yyyy-MM-dd KK:mm       | yyyy-MM-dd HH:mm    | KK is the hour from 0 to 11 and needs a for AM or PM",
                "yyyy-MM-dd[ hh:mm]     | yyyy-MM-dd[ HH:mm]  | hh is the hour from 1 to 12 and needs a for AM or PM",
                "yyyy-MM-dd HH:MM:ss    | yyyy-MM-dd HH:mm:ss | MM is the month",
                "yyyy-MM-dd HH:MM       | yyyy-MM-dd HH:mm    | MM is the month",
                "yyyyMMddHHMM           | yyyyMMddHHmm        | MM is the month",
                "yyyy-MM-dd HH:mm:SSS   | yyyy-MM-dd HH:mm:ss | SSS is a decimal of the second",
                "yyyy-MM-dd HH:mm:SS    | yyyy-MM-dd HH:mm:ss | SS is a decimal of the second",
                "yyyy-MM-dd HH:mm.SSS   | yyyy-MM-dd HH:mm.ss | SSS is a decimal of the second",
                "yyyy-MM-dd HH:mm:ss.sss | yyyy-MM-dd HH:mm:ss.SSS | sss is the second",
                "yyyy-mm-dd             | yyyy-MM-dd          | mm is the minute",
                "yyyy-mm-dd HH:mm       | yyyy-MM-dd HH:mm    | mm is the minute",
                "mm/dd/yyyy HH:MM       | MM/dd/yyyy HH:mm    | mm is the minute; MM is the month",
                "mm/dd/yyyy HH:MM:ss    | MM/dd/yyyy HH:mm:ss | mm is the minute; MM is the month",
                "YYYY-MM-dd             | yyyy-MM-dd          | YYYY is the year of a week",
                "yyyy-MM-DD             | yyyy-MM-dd          | DD is the day of the year",
                "YYYY-MM-DD hh:mm:ss    | yyyy-MM-dd HH:mm:ss | YYYY is the year of a week; DD is the day of the year;"
                        + " hh is the hour from 1 to 12 and needs a for AM or PM",
                "YYYY-MM-DD'T'HH:MM:SS  | yyyy-MM-dd'T'HH:mm:ss | YYYY is the year of a week; DD is the day of the year;"
                        + " MM is the month; SS is a decimal of the second",
                "d MMM yyyy HH:mm zzz   | d MMM yyyy HH:mm VV | ''",
                "yyyy-MM-dd HH:mm v     | yyyy-MM-dd HH:mm VV | ''",
            })
    void aPatternThatReadsAnotherTimeIsRefusedWithTheOneThatWasMeant(String pattern, String meant, String meaning) {
        assertThatThrownBy(() -> pattern(pattern))
                .isInstanceOfSatisfying(
                        InvalidJobException.class, e -> assertThat(e.path()).isEqualTo("input.timestamp.pattern"))
                .hasMessageContaining("'" + pattern + "'")
                .message()
                .endsWith("; did you mean '" + meant + "'?" + (meaning.isEmpty() ? "" : " " + meaning));
        assertThat(pattern(meant).pattern()).isEqualTo(meant);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "yyyy-MM-dd hh:mm:ss | must have a whole time of day or none, but 'yyyy-MM-dd hh:mm:ss' writes"
                        + " 2023-11-14T17:11:25.500 as '2023-11-14 05:11:25'; did you mean",
                "yyyy-MM-dd mm:ss    | must have a whole time of day or none, but 'yyyy-MM-dd mm:ss' writes",
                "yyyy-MM-dd HH.SSS   | must have a whole time of day or none, but 'yyyy-MM-dd HH.SSS' writes",
                "yyyy-MM-dd a        | must have a whole time of day or none, but 'yyyy-MM-dd a' writes",
                "HH:mm:ss            | must have a whole date, with year, month and day, but is 'HH:mm:ss'",
                "dd/MM HH:mm         | must have a whole date, with year, month and day, but is 'dd/MM HH:mm'",
                "yyyy-MM             | must have a whole date, with year, month and day, but is 'yyyy-MM'",
                "'T'                 | must have a whole date, with year, month and day, but is ''T''",
                "yyyy-MM-dd[ mm]     | has an optional part that can never be read, '[ mm]': must have a whole time",
                "yyyy-MM-dd HH:MM    | must not have the month (M) after the hour (H), but is 'yyyy-MM-dd HH:MM'",
                "yyyy-MM-DD          | must not have both the day of the year (D) and the month (M), but is",
                "yyyy-'W'ww-e        | must not have w, but is 'yyyy-'W'ww-e': it counts weeks as one country does",
                "yyyy-MM-dd F        | must not have F, but is 'yyyy-MM-dd F': its meaning depends on the version",
                "yyyy-MM-dd hh:mm B  | must not have B, but is 'yyyy-MM-dd hh:mm B': parts of the day in words",
                "yyyy-MM-dd HH:mm z  | must not have z, but is 'yyyy-MM-dd HH:mm z': zone names in words depend on",
                "dd/bb               | must be a pattern of java.time.format.DateTimeFormatter, but 'dd/bb' is not:",
                "yyyy-MM-dd pHH      | must be able to write every time, but 'yyyy-MM-dd pHH' cannot write"
            })
    void aRefusalSaysWhatIsWrong(String pattern, String message) {
        assertThatThrownBy(() -> pattern(pattern)).hasMessageStartingWith("input.timestamp.pattern: " + message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "dd/MM/yyyy HH:mm:ss",
                "yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
                "yyyy-MM-dd'T'HH:mm:ss'Z'",
                "uuuuMMddHHmmssSSS",
                "dd MMM uuuu hh:mm:ss a",
                "MM/dd/yyyy KK:mm a",
                "yyyy-MM-dd kk:mm",
                "EEE, d MMM yyyy HH:mm:ss Z",
                "EEEE, d. MMMM yyyy",
                "d/M/yy H:mm",
                "yyyyMMdd",
                "yyyy-DDD",
                "yyyy/D HH",
                "HH:mm MM/dd/yyyy",
                "HH 'h' MM/dd/yyyy",
                "yyyy-MM-dd (yy)",
                "yyyy-MM-dd A",
                "yyyy-MM-dd N",
                "yyyy-MM-dd HH:mm:ss,n",
                "yyyy-MM-dd HH:mm:ss.SSSSSSSSS",
                "yyyy-MM-dd ppH:mm",
                "G yyyy-MM-dd",
                "yyyy-QQQ-MM-dd",
                "yyyy-MM-dd VV",
                "yyyy-MM-dd HH:mm O",
                "yyyy-MM-dd HH:mm XXX'['VV']'",
                "''yy''-MM-dd",
                "yyyy-MM-dd[ HH:mm[:ss[.SSS]]]",
                "yyyy-MM-dd hh:mm[ a]",
                "yyyy[-MM][-dd]",
                "[yyyy-MM-dd][dd/MM/yyyy]",
                "[d/M/yyyy][yyyy-MM-dd][yyyyMMdd][ HH:mm][:ss]",
                "[yyyy-MM-dd][yyyy-DDD]",
                "uuuu-MM-dd['T'HH:mm[:ss[.SSSSSSSSS][.SSSSSSSS][.SSSSSSS][.SSSSSS][.SSSSS][.SSSS][.SSS][.SS][.S]]"
                        + "[[XXXXX][XXXX][XX][X]]]"
            })
    void aPatternThatReadsBackWhatItWritesIsAccepted(String pattern) {
        assertThat(pattern(pattern).pattern()).isEqualTo(pattern);
    }

    private static TimestampSpec.Pattern pattern(String pattern) {
        return new TimestampSpec.Pattern("t", pattern, ZoneId.of("Europe/Berlin"));
    }
}
