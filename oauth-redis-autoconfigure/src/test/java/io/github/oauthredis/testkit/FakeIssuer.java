package io.github.oauthredis.testkit;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.sun.net.httpserver.HttpExchange;
import org.jspecify.annotations.Nullable;

/**
 * A provider that signs tokens and publishes its keys over real HTTP on the loopback
 * interface. Thread-safe.
 */
public final class FakeIssuer implements AutoCloseable {

	public static final String CLIENT_ID = "our-client";

	public static final String LOGOUT = "http://schemas.openid.net/event/backchannel-logout";

	private final LoopbackServer server = new LoopbackServer("fake-issuer");

	private final AtomicInteger fetches = new AtomicInteger();

	private volatile RSAKey key = generate();

	private volatile Answer answer = publish(this.key);

	private FakeIssuer() {
		this.server.handle("/jwks", this::serve).start();
	}

	public static FakeIssuer start() {
		return new FakeIssuer();
	}

	public static RSAKey generate() {
		try {
			return new RSAKeyGenerator(2048).keyID(UUID.randomUUID().toString()).generate();
		}
		catch (JOSEException ex) {
			throw new IllegalStateException(ex);
		}
	}

	public String issuer() {
		return this.server.uri("").toString();
	}

	public URI jwkSetUri() {
		return this.server.uri("/jwks");
	}

	/**
	 * Return how often the keys were fetched.
	 */
	public int fetches() {
		return this.fetches.get();
	}

	/**
	 * Sign with a new key from now on, and publish it alone.
	 */
	public void rotate() {
		this.key = generate();
		this.answer = publish(this.key);
	}

	/**
	 * Answer with an error, or with something else than keys.
	 * @param status status of the answer
	 * @param body body of the answer
	 */
	public void answer(int status, String body) {
		this.answer = Answer.json(status, body);
	}

	/**
	 * Sign a token about an event.
	 * @param type type in its header; null for none
	 * @param changes names and values of claims that differ; null for none of the name
	 * @return the token
	 */
	public String token(@Nullable String type, Object... changes) {
		return sign(this.key, type, claims(changes));
	}

	/**
	 * Return the claims of a flawless logout token.
	 * @param changes names and values of claims that differ; null for none of the name
	 */
	public Map<String, Object> claims(Object... changes) {
		Instant now = Instant.now();
		Map<String, Object> claims = new LinkedHashMap<>();
		claims.put("iss", issuer());
		claims.put("aud", List.of(CLIENT_ID));
		claims.put("iat", now.getEpochSecond());
		claims.put("exp", now.plus(Duration.ofMinutes(2)).getEpochSecond());
		claims.put("jti", UUID.randomUUID().toString());
		claims.put("sub", "alice");
		claims.put("events", Map.of(LOGOUT, Map.of()));
		for (int i = 0; i < changes.length; i += 2) {
			claims.put((String) changes[i], changes[i + 1]);
		}
		claims.values().removeIf((value) -> value == null);
		return claims;
	}

	public static String sign(RSAKey key, @Nullable String type, Map<String, Object> claims) {
		JWSHeader header = new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(key.getKeyID())
			.type((type != null) ? new JOSEObjectType(type) : null)
			.build();
		JWSObject token = new JWSObject(header, new Payload(claims));
		try {
			token.sign(new RSASSASigner(key));
		}
		catch (JOSEException ex) {
			throw new IllegalStateException(ex);
		}
		return token.serialize();
	}

	public RSAKey key() {
		return this.key;
	}

	private static Answer publish(RSAKey key) {
		return Answer.json(200, new JWKSet(key.toPublicJWK()).toString());
	}

	private void serve(HttpExchange exchange) throws IOException {
		this.fetches.incrementAndGet();
		Delivery.whole().deliver(exchange, this.answer, () -> {
		});
	}

	@Override
	public void close() {
		this.server.close();
	}

}
