package io.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class ClassListTest {
    @Test
    @Timeout(60)
    void whatCommandsUseIsUsedWithoutServers(@TempDir Path folder) throws IOException {
        String job = Cli.job(folder, "voltage-daily").toString();

        assertThatCode(() -> ClassList.load(job)).doesNotThrowAnyException();
    }
}
