package io.github.oauthredis.webhook;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import io.github.oauthredis.crypto.SignedTokenException;
import io.github.oauthredis.crypto.SignedTokens;
import io.github.oauthredis.webhook.SignalRejectedException.Problem;

/**
 * Checks what logout tokens and security event tokens have in common: signature, type,
 * issuer, audience, times and id. Thread-safe; blocks while keys are fetched.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class SignalVerifier {

	/**
	 * By how much clocks may differ.
	 */
	static final Duration SKEW = Duration.ofSeconds(60);

	// In some thousand years; beyond, times cannot be reckoned with.
	private static final long LATEST = 100_000_000_000L;

	private final Supplier<Source> source;

	private final Function<String, String> fetch;

	private final Clock clock;

	private final AtomicReference<@Nullable Keys> keys = new AtomicReference<>();

	/**
	 * Create a verifier.
	 * @param source whom to believe; may block
	 * @param fetch fetches a JWK Set from a URI; may block
	 * @param clock time by which keys age
	 */
	public SignalVerifier(Supplier<Source> source, Function<String, String> fetch, Clock clock) {
		this.source = source;
		this.fetch = fetch;
		this.clock = clock;
	}

	/**
	 * Check a token.
	 * @param token the token; may be anything
	 * @param types types to accept; an empty text for none
	 * @param now when it was received
	 * @param longestAge longest time since it was issued
	 * @return its claims
	 * @throws SignalRejectedException if it is not believed
	 */
	Verified verify(String token, Set<String> types, Instant now, Duration longestAge) {
		Source source = this.source.get();
		Map<String, Object> claims = signed(source.jwkSetUri(), token, types);
		require(source.issuer().equals(claims.get("iss")), Problem.ISSUER);
		require(isFor(source.audience(), claims.get("aud")), Problem.AUDIENCE);
		Instant latest = time(claims.get("iat")).plus(longestAge);
		require(!now.isAfter(latest.plus(SKEW)) && !latest.minus(longestAge).isAfter(now.plus(SKEW)), Problem.TIME);
		if (claims.containsKey("exp")) {
			Instant end = time(claims.get("exp"));
			require(now.isBefore(end.plus(SKEW)), Problem.TIME);
			latest = end.isBefore(latest) ? end : latest;
		}
		require(!claims.containsKey("nonce"), Problem.CONTENT);
		require(claims.get("jti") instanceof String id && !id.isBlank(), Problem.MALFORMED);
		return new Verified(source.issuer(), claims, latest.plus(SKEW));
	}

	private Map<String, Object> signed(String jwkSetUri, String token, Set<String> types) {
		try {
			return keys(jwkSetUri).tokens().verify(token, types);
		}
		catch (SignedTokenException ex) {
			throw switch (ex.getProblem()) {
				case MALFORMED -> new SignalRejectedException(Problem.MALFORMED);
				case TYPE -> new SignalRejectedException(Problem.TYPE);
				case SIGNATURE -> new SignalRejectedException(Problem.SIGNATURE);
				case NO_KEYS -> ex;
			};
		}
	}

	private Keys keys(String jwkSetUri) {
		Keys keys = this.keys.get();
		if (keys == null || !keys.uri().equals(jwkSetUri)) {
			keys = new Keys(jwkSetUri, new SignedTokens(() -> this.fetch.apply(jwkSetUri), this.clock));
			this.keys.set(keys);
		}
		return keys;
	}

	private static boolean isFor(String audience, @Nullable Object claim) {
		return audience.equals(claim) || (claim instanceof Collection<?> several && several.contains(audience));
	}

	private static Instant time(@Nullable Object claim) {
		long seconds = (claim instanceof Number number) ? number.longValue() : -1;
		require(seconds >= 0 && seconds <= LATEST, Problem.TIME);
		return Instant.ofEpochSecond(seconds);
	}

	static void require(boolean condition, Problem problem) {
		if (!condition) {
			throw new SignalRejectedException(problem);
		}
	}

	/**
	 * Whom to believe.
	 *
	 * @param issuer who issues the tokens
	 * @param jwkSetUri where its keys are
	 * @param audience whom it means by us
	 */
	public record Source(String issuer, String jwkSetUri, String audience) {
	}

	/**
	 * A token that was checked.
	 *
	 * @param issuer who issued it
	 * @param claims what it says
	 * @param keepUntil until when it would be believed once more
	 */
	record Verified(String issuer, Map<String, Object> claims, Instant keepUntil) {

		String id() {
			return String.valueOf(this.claims.get("jti"));
		}

		/**
		 * Events that it reports, by the URI of their kind; none if it is no event token.
		 */
		Map<?, ?> events() {
			return (this.claims.get("events") instanceof Map<?, ?> events) ? events : Map.of();
		}

	}

	private record Keys(String uri, SignedTokens tokens) {
	}

}
