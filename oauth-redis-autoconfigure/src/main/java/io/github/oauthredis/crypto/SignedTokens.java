package io.github.oauthredis.crypto;

import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.crypto.factories.DefaultJWSVerifierFactory;
import com.nimbusds.jose.jwk.AsymmetricJWK;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.proc.JWSVerifierFactory;
import org.jspecify.annotations.Nullable;

import io.github.oauthredis.crypto.SignedTokenException.Problem;

/**
 * Checks tokens that one provider signed with RSA or an elliptic curve, by the JWK Set
 * that it publishes. The set is fetched when it is needed, again after five minutes, and
 * again for a key that is not in it, but never twice within ten seconds, whatever tokens
 * arrive. While it cannot be fetched, the last set serves for a day. Thread-safe; blocks
 * while the set is fetched.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class SignedTokens {

	private static final Duration LIFE = Duration.ofMinutes(5);

	private static final Duration LONGEST_LIFE = Duration.ofDays(1);

	private static final Duration PAUSE = Duration.ofSeconds(10);

	private static final Duration LONGEST_WAIT = Duration.ofSeconds(15);

	private static final Set<JWSAlgorithm> ALGORITHMS = Set.of(JWSAlgorithm.RS256, JWSAlgorithm.RS384,
			JWSAlgorithm.RS512, JWSAlgorithm.PS256, JWSAlgorithm.PS384, JWSAlgorithm.PS512, JWSAlgorithm.ES256,
			JWSAlgorithm.ES384, JWSAlgorithm.ES512);

	private final JWSVerifierFactory verifiers = new DefaultJWSVerifierFactory();

	private final Callable<String> source;

	private final Clock clock;

	private final AtomicReference<@Nullable Fetch> latest = new AtomicReference<>();

	// The last one that succeeded; null at first. Written by one fetch at a time.
	private volatile @Nullable Fetch good;

	/**
	 * Create a check.
	 * @param source fetches the JWK Set; may block, for a time that it bounds
	 * @param clock time by which the set ages
	 */
	public SignedTokens(Callable<String> source, Clock clock) {
		this.source = source;
		this.clock = clock;
	}

	/**
	 * Check signature and type of a token.
	 * @param token the token; may be anything
	 * @param types types to accept, in lower case; an empty text for a token that states
	 * none
	 * @return its claims, none of which was checked
	 * @throws SignedTokenException if it is not what the provider signed, or if this
	 * cannot be found out now
	 */
	public Map<String, Object> verify(String token, Set<String> types) {
		JWSObject object = parse(token);
		JWSHeader header = object.getHeader();
		if (!types.contains(type(header.getType()))) {
			throw new SignedTokenException(Problem.TYPE);
		}
		if (!ALGORITHMS.contains(header.getAlgorithm())) {
			throw new SignedTokenException(Problem.SIGNATURE);
		}
		List<JWK> keys = new JWKSelector(JWKMatcher.forJWSHeader(header)).select(keys(header.getKeyID()));
		if (keys.stream().noneMatch((key) -> isSignedWith(key, object))) {
			throw new SignedTokenException(Problem.SIGNATURE);
		}
		Map<String, Object> claims = object.getPayload().toJSONObject();
		if (claims == null) {
			throw new SignedTokenException(Problem.MALFORMED);
		}
		return claims;
	}

	private static JWSObject parse(String token) {
		try {
			return JWSObject.parse(token);
		}
		catch (ParseException | RuntimeException ex) {
			throw new SignedTokenException(Problem.MALFORMED);
		}
	}

	private static String type(@Nullable JOSEObjectType type) {
		return (type != null) ? type.getType().toLowerCase(Locale.ROOT) : "";
	}

	private boolean isSignedWith(JWK key, JWSObject object) {
		try {
			return key instanceof AsymmetricJWK asymmetric
					&& object.verify(this.verifiers.createJWSVerifier(object.getHeader(), asymmetric.toPublicKey()));
		}
		catch (JOSEException | RuntimeException ex) {
			return false;
		}
	}

	private JWKSet keys(@Nullable String keyId) {
		Instant now = this.clock.instant();
		Fetch known = this.good;
		if (known != null && known.serves(keyId, LIFE, now)) {
			return known.await();
		}
		try {
			return fetch(now).await();
		}
		catch (SignedTokenException ex) {
			if (known != null && known.serves(keyId, LONGEST_LIFE, now)) {
				return known.await();
			}
			throw ex;
		}
	}

	private Fetch fetch(Instant now) {
		Fetch known = this.latest.get();
		if (known == null || known.isOver(now)) {
			Fetch next = new Fetch(now);
			if (this.latest.compareAndSet(known, next)) {
				if (next.run(this.source)) {
					this.good = next;
				}
				return next;
			}
			known = this.latest.get();
		}
		return Objects.requireNonNull(known);
	}

	/**
	 * One fetch of the set, which everybody waits for who comes meanwhile.
	 */
	private static final class Fetch {

		private final Instant startedAt;

		private final CompletableFuture<JWKSet> set = new CompletableFuture<>();

		Fetch(Instant startedAt) {
			this.startedAt = startedAt;
		}

		boolean run(Callable<String> source) {
			try {
				return this.set.complete(JWKSet.parse(source.call()));
			}
			// Also an Error, or everybody would wait for ever.
			catch (Throwable ex) {
				this.set.completeExceptionally(ex);
				return false;
			}
		}

		boolean isOver(Instant now) {
			return this.set.isDone() && age(now).compareTo(PAUSE) >= 0;
		}

		boolean serves(@Nullable String keyId, Duration life, Instant now) {
			return age(now).compareTo(life) < 0 && (keyId == null || await().getKeyByKeyId(keyId) != null);
		}

		private Duration age(Instant now) {
			return Duration.between(this.startedAt, now).abs();
		}

		JWKSet await() {
			try {
				return this.set.get(LONGEST_WAIT.toMillis(), TimeUnit.MILLISECONDS);
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				throw new SignedTokenException(Problem.NO_KEYS, ex);
			}
			catch (ExecutionException | TimeoutException ex) {
				throw new SignedTokenException(Problem.NO_KEYS, ex);
			}
		}

	}

}
