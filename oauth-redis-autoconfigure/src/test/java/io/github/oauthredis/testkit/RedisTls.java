package io.github.oauthredis.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;

/**
 * A certificate for the loopback interface that was made a moment ago, by the
 * {@code keytool} of this JDK. Immutable.
 */
final class RedisTls {

	private static final String PASSWORD = "changeit";

	private static final String ALIAS = "redis";

	private final Path certificate;

	private final Path key;

	private final SSLSocketFactory sockets;

	private RedisTls(Path certificate, Path key, SSLSocketFactory sockets) {
		this.certificate = certificate;
		this.key = key;
		this.sockets = sockets;
	}

	/**
	 * Make a key and its certificate.
	 * @param directory where to put them
	 * @return the certificate, which nobody else trusts
	 */
	static RedisTls in(Path directory) {
		Path store = directory.resolve("redis.p12");
		try {
			keytool("-genkeypair", "-alias", ALIAS, "-keyalg", "EC", "-groupname", "secp256r1", "-dname",
					"CN=localhost", "-ext", "SAN=ip:127.0.0.1,dns:localhost", "-validity", "2", "-storetype", "PKCS12",
					"-keystore", store.toString(), "-storepass", PASSWORD);
			KeyStore keys = KeyStore.getInstance("PKCS12");
			try (InputStream content = Files.newInputStream(store)) {
				keys.load(content, PASSWORD.toCharArray());
			}
			Path certificate = pem(directory.resolve("redis.crt"), "CERTIFICATE",
					keys.getCertificate(ALIAS).getEncoded());
			Path key = pem(directory.resolve("redis.key"), "PRIVATE KEY",
					keys.getKey(ALIAS, PASSWORD.toCharArray()).getEncoded());
			return new RedisTls(certificate, key, sockets(keys));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * Return what a client must trust.
	 * @return the certificate, in PEM
	 */
	Path certificate() {
		return this.certificate;
	}

	SSLSocketFactory sockets() {
		return this.sockets;
	}

	/**
	 * Return the arguments with which Redis serves nothing but TLS.
	 * @param port its port
	 * @return the arguments
	 */
	List<String> arguments(int port) {
		return List.of("--port", "0", "--tls-port", String.valueOf(port), "--tls-cert-file",
				this.certificate.toString(), "--tls-key-file", this.key.toString(), "--tls-ca-cert-file",
				this.certificate.toString(), "--tls-auth-clients", "no");
	}

	private static void keytool(String... args) throws IOException {
		Path program = Path.of(System.getProperty("java.home"), "bin", "keytool");
		List<String> command = new ArrayList<>(List.of(program.toString()));
		command.addAll(List.of(args));
		Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
		String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		try {
			if (process.waitFor() != 0) {
				throw new IllegalStateException("No certificate was made: " + output);
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("Interrupted while making a certificate", ex);
		}
	}

	private static Path pem(Path file, String kind, byte[] content) throws IOException {
		String encoded = Base64.getMimeEncoder(64, new byte[] { '\n' }).encodeToString(content);
		return Files.writeString(file, "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n".formatted(kind, encoded));
	}

	private static SSLSocketFactory sockets(KeyStore keys) throws GeneralSecurityException, IOException {
		KeyStore trusted = KeyStore.getInstance("PKCS12");
		trusted.load(null, null);
		trusted.setCertificateEntry(ALIAS, keys.getCertificate(ALIAS));
		TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
		trust.init(trusted);
		SSLContext context = SSLContext.getInstance("TLS");
		context.init(null, trust.getTrustManagers(), null);
		return context.getSocketFactory();
	}

}
