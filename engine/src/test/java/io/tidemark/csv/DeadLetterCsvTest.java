package io.tidemark.csv;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.apache.commons.csv.CSVPrinter;
import org.junit.jupiter.api.Test;

class DeadLetterCsvTest {

    @Test
    void deadLettersKeepAnyBytesAndTellNullFromEmpty() throws IOException {
        List<DeadLetter> letters = List.of(
                new DeadLetter(3, 17, 5, "NOT_JSON", "is, \"not\"\nJSON", new byte[] {0, -1}, new byte[0]),
                new DeadLetter(3, 18, -1, "NULL_VALUE", "null", null, null),
                new DeadLetter(3, 19, 0, "NOT_JSON", "x", Base64.getDecoder().decode("null"), new byte[] {1}));
        StringBuilder text = new StringBuilder();
        CSVPrinter printer = DeadLetterCsv.printer(text);
        for (DeadLetter each : letters) {
            DeadLetterCsv.print(printer, each);
        }
        List<DeadLetter> read = new ArrayList<>();

        long rows = DeadLetterCsv.read(new StringReader(text.toString()), read::add);

        assertThat(rows).isEqualTo(3);
        assertThat(read).usingRecursiveComparison().isEqualTo(letters);
    }
}
