package io.tidemark.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs the entry point of the container image, as the Dockerfile has it, with the jar of this build. */
@Timeout(120)
@SuppressWarnings("NullAway.Init")
class EntryPointIT {
    private static final String IN_IMAGE = "/opt/tidemark/tidemark-worker.jar";
    private static final Path JAR = Path.of("target", "tidemark-worker.jar");

    @TempDir
    Path folder;

    private Path settings;

    @BeforeEach
    void write() throws IOException {
        settings = Files.writeString(folder.resolve("kafka.config"), """
                bootstrap.servers=localhost:1
                security.protocol=SASL_PLAINTEXT
                sasl.mechanism=OAUTHBEARER
                sasl.jaas.config=org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;
                sasl.login.callback.handler.class=login.Handler
                """);
    }

    /** The handler ends the start by an exception, which shows that it was loaded. */
    @Test
    void aCallbackHandlerOnTheUsersClassPathIsLoaded() throws Exception {
        handler(Files.createDirectory(folder.resolve("a folder")).resolve("handler.jar"));

        assertThat(run("TIDEMARK_CLASSPATH", folder.resolve("a folder") + "/*"))
                .contains("the handler of the user was loaded");
    }

    @Test
    void withoutTheUsersClassPathItsVariableIsNamed() throws Exception {
        assertThat(run("TIDEMARK_CLASSPATH", ""))
                .contains(settings + ":5: sasl.login.callback.handler.class: ", "login.Handler", "TIDEMARK_CLASSPATH");
    }

    private String run(String variable, String value) throws Exception {
        Matcher entry = Pattern.compile("(?m)^ENTRYPOINT (\\[.*])$").matcher(Files.readString(Path.of("Dockerfile")));
        assertThat(entry.find()).isTrue();
        List<String> command =
                new ArrayList<>(Arrays.asList(new ObjectMapper().readValue(entry.group(1), String[].class)));
        command.replaceAll(each -> each.replace(IN_IMAGE, JAR.toAbsolutePath().toString()));
        command.addAll(List.of("worker", "--kafka-config", settings.toString()));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put(variable, value);
        builder.environment()
                .merge(
                        "PATH",
                        Path.of(System.getProperty("java.home"), "bin").toString(),
                        (path, java) -> java + ":" + path);
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isEqualTo(2);
        return said;
    }

    private void handler(Path jar) throws IOException {
        Path source = Files.createDirectories(folder.resolve("login")).resolve("Handler.java");
        Files.writeString(source, """
                package login;
                public class Handler implements org.apache.kafka.common.security.auth.AuthenticateCallbackHandler {
                    public void configure(java.util.Map<String, ?> configs, String mechanism,
                            java.util.List<javax.security.auth.login.AppConfigurationEntry> entries) {
                        throw new org.apache.kafka.common.KafkaException("the handler of the user was loaded");
                    }
                    public void handle(javax.security.auth.callback.Callback[] callbacks) {}
                    public void close() {}
                }
                """);
        int result =
                ToolProvider.getSystemJavaCompiler().run(null, null, null, "-cp", JAR.toString(), source.toString());
        assertThat(result).isZero();
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file)) {
            out.putNextEntry(new JarEntry("login/Handler.class"));
            out.write(Files.readAllBytes(source.resolveSibling("Handler.class")));
        }
    }
}
