package io.tidemark.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A key and a self-signed certificate for the loopback address, for TLS in tests.
 *
 * @param keyStore key store of the broker, in PKCS #12
 * @param password password of the key store and the key
 * @param authority certificate that clients trust, in PEM
 */
public record BrokerCertificate(Path keyStore, String password, Path authority) {
    private static final String ALIAS = "broker";

    /** Creates a certificate with the JDK's keytool. The files stay in {@code folder}. */
    public static BrokerCertificate create(Path folder) {
        BrokerCertificate made = new BrokerCertificate(
                folder.resolve("broker.p12"), "key-store-password", folder.resolve("authority.pem"));
        made.keytool(
                "-genkeypair",
                "-keyalg",
                "EC",
                "-dname",
                "CN=localhost",
                "-ext",
                "SAN=dns:localhost,ip:127.0.0.1",
                "-validity",
                "36500");
        made.keytool("-exportcert", "-rfc", "-file", made.authority.toString());
        return made;
    }

    private void keytool(String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of(arguments));
        command.addAll(List.of("-alias", ALIAS, "-storetype", "PKCS12"));
        command.addAll(List.of("-keystore", keyStore.toString(), "-storepass", password));
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException("keytool did not make a certificate in " + keyStore + ": " + said);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while keytool made " + keyStore, e);
        }
    }
}
