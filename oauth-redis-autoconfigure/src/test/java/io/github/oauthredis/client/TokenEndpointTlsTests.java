package io.github.oauthredis.client;

import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletionException;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.ssl.DefaultSslBundleRegistry;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslStoreBundle;
import org.springframework.security.oauth2.client.registration.ClientRegistration;

import io.github.oauthredis.refresh.TokenRequestException;
import io.github.oauthredis.store.Failure.Kind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/**
 * The SSL bundle of a registration, against a server whose certificate nobody else
 * trusts.
 */
class TokenEndpointTlsTests {

	private static final char[] PASSWORD = "changeit".toCharArray();

	private static KeyStore right;

	private static KeyStore wrong;

	private HttpsServer server;

	private ClientRegistration service;

	@BeforeAll
	static void createCertificates(@TempDir Path folder) throws Exception {
		right = createCertificate(folder.resolve("right.p12"));
		wrong = createCertificate(folder.resolve("wrong.p12"));
	}

	@BeforeEach
	void startServer() throws Exception {
		KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
		keys.init(right, PASSWORD);
		SSLContext context = SSLContext.getInstance("TLS");
		context.init(keys.getKeyManagers(), null, null);
		this.server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
		this.server.setHttpsConfigurator(new HttpsConfigurator(context));
		this.server.createContext("/token", (exchange) -> {
			byte[] body = "{\"access_token\":\"a\",\"token_type\":\"Bearer\"}".getBytes(StandardCharsets.UTF_8);
			exchange.getResponseHeaders().set("Content-Type", "application/json");
			exchange.sendResponseHeaders(200, body.length);
			exchange.getResponseBody().write(body);
			exchange.close();
		});
		this.server.start();
		this.service = TestClients.service("https://localhost:" + this.server.getAddress().getPort() + "/token")
			.build();
	}

	@AfterEach
	void stopServer() {
		this.server.stop(0);
	}

	@Test
	void clientCredentialsWhenCertificateIsNotTrustedIsClear() {
		TokenRequestException failure = fail(sources(new DefaultSslBundleRegistry(), null));

		assertThat(failure.getKind()).isEqualTo(Kind.CLEAR);
		assertThat(failure.getCode()).isEqualTo("tls_failed");
	}

	@Test
	void clientCredentialsWhenBundleTrustsCertificateSucceeds() {
		DefaultSslBundleRegistry bundles = new DefaultSslBundleRegistry("provider", trusting(right));

		assertThat(ask(sources(bundles, "provider"))).isEqualTo("a");
	}

	@Test
	void clientCredentialsWhenBundleIsUpdatedUsesTheNewOne() {
		DefaultSslBundleRegistry bundles = new DefaultSslBundleRegistry("provider", trusting(wrong));
		TokenSources sources = sources(bundles, "provider");
		assertThat(fail(sources).getCode()).isEqualTo("tls_failed");

		bundles.updateBundle("provider", trusting(right));

		assertThat(ask(sources)).isEqualTo("a");
	}

	private static TokenSources sources(DefaultSslBundleRegistry bundles, String bundle) {
		ClientSettings settings = new ClientSettings(TestClients.policy(Duration.ofSeconds(5)), Map.of(), bundle,
				AccessPolicy.OPEN, null);
		return new TokenSources(new TokenEndpoint((id) -> settings, Duration.ofSeconds(5), bundles, Clock.systemUTC()),
				UserTokenClients.NONE);
	}

	private String ask(TokenSources sources) {
		return sources.clientCredentials(this.service, Map.of())
			.request(null)
			.toCompletableFuture()
			.join()
			.accessToken();
	}

	private TokenRequestException fail(TokenSources sources) {
		CompletionException failure = catchThrowableOfType(CompletionException.class, () -> ask(sources));
		return (TokenRequestException) failure.getCause();
	}

	private static SslBundle trusting(KeyStore store) {
		return SslBundle.of(SslStoreBundle.of(null, null, store));
	}

	private static KeyStore createCertificate(Path file) throws Exception {
		Process keytool = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
				"-genkeypair", "-alias", "server", "-keyalg", "EC", "-dname", "CN=localhost", "-ext",
				"SAN=dns:localhost", "-validity", "2", "-storetype", "PKCS12", "-keystore", file.toString(),
				"-storepass", new String(PASSWORD))
			.inheritIO()
			.start();
		assertThat(keytool.waitFor()).isZero();
		KeyStore store = KeyStore.getInstance("PKCS12");
		try (InputStream content = Files.newInputStream(file)) {
			store.load(content, PASSWORD);
		}
		return store;
	}

}
