package io.github.oauthredis.crypto;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.vault.authentication.TokenAuthentication;
import org.springframework.vault.client.VaultEndpoint;
import org.springframework.vault.core.VaultTemplate;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import io.github.oauthredis.testkit.MutableClock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The example of a source that asks Vault, against a server that speaks the HTTP
 * interface of its key-value store.
 */
class VaultJwkSourceIntegrationTests {

	private static final String TOKEN = "hvs.test";

	private final MutableClock clock = new MutableClock();

	private HttpServer vault;

	private final AtomicInteger version = new AtomicInteger();

	private volatile List<String> keys = List.of();

	@BeforeEach
	void start() throws IOException {
		this.vault = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
		this.vault.createContext("/v1/", this::handle);
		this.vault.start();
		rotate("one");
	}

	@AfterEach
	void stop() {
		this.vault.stop(0);
	}

	@Test
	void keysThatRotateInVaultArePickedUp() {
		WatchedKeys keys = watch(TOKEN);
		assertThat(keys.current()).extracting(SealingKey::id).containsExactly("one");

		rotate("two", "one");
		this.clock.advance(Duration.ofSeconds(30));

		assertThat(keys.current()).extracting(SealingKey::id).containsExactly("one", "two");
		this.clock.advance(Duration.ofMinutes(5));
		assertThat(keys.current()).extracting(SealingKey::id).containsExactly("two", "one");
		assertThat(this.version).hasValue(2);
	}

	@Test
	void recordThatNamesANewKeyHasVaultAskedAtOnce() {
		WatchedKeys keys = watch(TOKEN);
		rotate("two", "one");
		this.clock.advance(Duration.ofSeconds(5));

		assertThat(keys.renewed().toCompletableFuture().join()).extracting(SealingKey::id)
			.containsExactly("one", "two");
	}

	@Test
	void vaultThatIsAwayLeavesTheKeysAsTheyWere() {
		WatchedKeys keys = watch(TOKEN);

		this.vault.stop(0);
		this.clock.advance(Duration.ofMinutes(5));

		assertThat(keys.current()).extracting(SealingKey::id).containsExactly("one");
	}

	@Test
	void startWithAWrongTokenFailsWithoutIt() {
		assertThatExceptionOfType(SealingKeyException.class).isThrownBy(() -> watch("hvs.wrong"))
			.withMessageContaining("JWK Set of bean 'oauthRedisJwkSource' cannot be read")
			.withMessageNotContaining("hvs");
	}

	private WatchedKeys watch(String token) {
		VaultTemplate template = new VaultTemplate(
				VaultEndpoint.from(URI.create("http://127.0.0.1:" + this.vault.getAddress().getPort())),
				new TokenAuthentication(token));
		return WatchedKeys.ofSource(new VaultJwkSource(template, "secret", "oauth-redis"), "bean 'oauthRedisJwkSource'",
				Duration.ofMinutes(5), this.clock, Runnable::run);
	}

	private void rotate(String... ids) {
		this.keys = List.of(ids);
		this.version.incrementAndGet();
	}

	private void handle(HttpExchange exchange) throws IOException {
		try (exchange) {
			if (!TOKEN.equals(exchange.getRequestHeaders().getFirst("X-Vault-Token"))) {
				answer(exchange, 403, "{\"errors\":[\"permission denied\"]}");
			}
			else if (!exchange.getRequestURI().getPath().equals("/v1/secret/data/oauth-redis")) {
				answer(exchange, 404, "{\"errors\":[]}");
			}
			else {
				answer(exchange, 200, secret());
			}
		}
	}

	private String secret() {
		ObjectNode answer = JsonMapper.shared().createObjectNode();
		answer.put("request_id", "1").put("lease_id", "").put("renewable", false).put("lease_duration", 0);
		ObjectNode data = answer.putObject("data");
		data.putObject("data").put("jwks", jwks());
		data.putObject("metadata").put("created_time", "2026-01-01T00:00:00Z").put("version", this.version.get());
		return answer.toString();
	}

	private String jwks() {
		String secret = Base64.getUrlEncoder().withoutPadding().encodeToString(new byte[32]);
		return "{\"keys\":[" + this.keys.stream()
			.map((id) -> "{\"kty\":\"oct\",\"kid\":\"%s\",\"k\":\"%s\"}".formatted(id, secret))
			.collect(Collectors.joining(",")) + "]}";
	}

	private static void answer(HttpExchange exchange, int status, String json) throws IOException {
		byte[] body = json.getBytes(StandardCharsets.UTF_8);
		exchange.getResponseHeaders().set("Content-Type", "application/json");
		exchange.sendResponseHeaders(status, body.length);
		exchange.getResponseBody().write(body);
	}

}
