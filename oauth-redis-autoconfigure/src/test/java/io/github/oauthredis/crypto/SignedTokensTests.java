package io.github.oauthredis.crypto;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.PlainObject;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauthredis.crypto.SignedTokenException.Problem;
import io.github.oauthredis.testkit.FakeIssuer;
import io.github.oauthredis.testkit.Gate;
import io.github.oauthredis.testkit.MutableClock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link SignedTokens}.
 */
class SignedTokensTests {

	private static final RSAKey KEY = FakeIssuer.generate();

	private static final RSAKey OTHER = FakeIssuer.generate();

	private static final Set<String> ANY = Set.of("jwt", "");

	private static final Map<String, Object> CLAIMS = Map.of("sub", "alice");

	private final MutableClock clock = new MutableClock();

	private final AtomicInteger fetches = new AtomicInteger();

	private volatile String published = set(KEY);

	private final SignedTokens tokens = new SignedTokens(() -> {
		this.fetches.incrementAndGet();
		return this.published;
	}, this.clock);

	@Test
	void verifyWhenSignedReturnsClaims() {
		assertThat(this.tokens.verify(FakeIssuer.sign(KEY, null, CLAIMS), ANY)).isEqualTo(CLAIMS);
		assertThat(this.tokens.verify(FakeIssuer.sign(KEY, "JWT", CLAIMS), ANY)).isEqualTo(CLAIMS);
	}

	@Test
	void verifyWhenSignedWithEllipticCurveReturnsClaims() throws JOSEException {
		ECKey key = new ECKeyGenerator(Curve.P_256).keyID("ec").generate();
		this.published = set(KEY, key);
		JWSObject token = new JWSObject(new JWSHeader.Builder(JWSAlgorithm.ES256).keyID("ec").build(),
				new Payload(CLAIMS));
		token.sign(new ECDSASigner(key));

		assertThat(this.tokens.verify(token.serialize(), ANY)).isEqualTo(CLAIMS);
	}

	@Test
	void verifyWhenTypeIsAnotherFails() {
		assertProblem(Problem.TYPE, FakeIssuer.sign(KEY, "at+jwt", CLAIMS));
		assertThatExceptionOfType(SignedTokenException.class)
			.isThrownBy(() -> this.tokens.verify(FakeIssuer.sign(KEY, null, CLAIMS), Set.of("secevent+jwt")));
	}

	@Test
	void verifyWhenSignatureIsNotThatOfThePublishedKeyFails() {
		RSAKey sameId = new RSAKey.Builder(OTHER).keyID(KEY.getKeyID()).build();
		String token = FakeIssuer.sign(KEY, null, CLAIMS);
		String other = FakeIssuer.sign(KEY, null, Map.of("sub", "bob"));

		assertProblem(Problem.SIGNATURE, FakeIssuer.sign(sameId, null, CLAIMS));
		assertProblem(Problem.SIGNATURE, FakeIssuer.sign(OTHER, null, CLAIMS));
		assertProblem(Problem.SIGNATURE,
				token.substring(0, token.lastIndexOf('.'))
					.replaceFirst("\\.[^.]+$", other.substring(other.indexOf('.'), other.lastIndexOf('.')))
						+ token.substring(token.lastIndexOf('.')));
	}

	@Test
	void verifyWhenUnsignedOrSignedWithWhatIsPublicFails() throws JOSEException {
		byte[] known = set(KEY).getBytes(StandardCharsets.UTF_8);
		JWSObject shared = new JWSObject(new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("mac").build(),
				new Payload(CLAIMS));
		shared.sign(new MACSigner(known));
		// Even a provider that publishes such a key has not signed with it.
		this.published = new JWKSet(new OctetSequenceKey.Builder(known).keyID("mac").build()).toString(false);

		assertProblem(Problem.SIGNATURE, shared.serialize());
		assertProblem(Problem.MALFORMED, new PlainObject(new Payload(CLAIMS)).serialize());
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "a", "a.b.c", "...", "eyJhbGciOiJSUzI1NiJ9.e30.", "eyJhbGciOiJSUzI1NiJ9..AA", "💥" })
	void verifyWhenGarbageFails(String garbage) {
		assertThatExceptionOfType(SignedTokenException.class).isThrownBy(() -> this.tokens.verify(garbage, ANY))
			.satisfies((ex) -> assertThat(ex.getProblem()).isIn(Problem.MALFORMED, Problem.SIGNATURE))
			.withNoCause();
	}

	@Test
	void verifyWhenClaimsAreNoObjectFails() throws JOSEException {
		JWSObject token = new JWSObject(new JWSHeader(JWSAlgorithm.RS256), new Payload("[".repeat(20_000)));
		token.sign(new RSASSASigner(KEY));

		assertProblem(Problem.MALFORMED, token.serialize());
	}

	@Test
	void verifyWhenKeyIsNewFetchesAgain() {
		this.tokens.verify(FakeIssuer.sign(KEY, null, CLAIMS), ANY);
		this.published = set(OTHER);
		this.clock.advance(Duration.ofSeconds(10));

		assertThat(this.tokens.verify(FakeIssuer.sign(OTHER, null, CLAIMS), ANY)).isEqualTo(CLAIMS);
		assertProblem(Problem.SIGNATURE, FakeIssuer.sign(KEY, null, CLAIMS));
		assertThat(this.fetches).hasValue(2);
	}

	@Test
	void verifyWhenFloodedFetchesOnceInTenSeconds() {
		for (int i = 0; i < 5; i++) {
			for (int j = 0; j < 20; j++) {
				assertProblem(Problem.SIGNATURE, FakeIssuer.sign(OTHER, null, Map.of("jti", i + "-" + j)));
			}
			this.clock.advance(Duration.ofSeconds(2));
		}

		assertThat(this.fetches).hasValue(1);
	}

	@Test
	void verifyWhenKeysAreOldFetchesThemAgain() {
		this.tokens.verify(FakeIssuer.sign(KEY, null, CLAIMS), ANY);
		this.clock.advance(Duration.ofSeconds(299));
		this.tokens.verify(FakeIssuer.sign(KEY, null, CLAIMS), ANY);
		assertThat(this.fetches).hasValue(1);
		this.published = set(OTHER);
		this.clock.advance(Duration.ofSeconds(1));

		assertProblem(Problem.SIGNATURE, FakeIssuer.sign(KEY, null, CLAIMS));
	}

	@Test
	void verifyWhenKeysCannotBeHadFailsUntilTheyCan() {
		this.published = "no set";
		String token = FakeIssuer.sign(KEY, null, CLAIMS);

		assertProblem(Problem.NO_KEYS, token);
		this.published = set(KEY);
		assertProblem(Problem.NO_KEYS, token);
		this.clock.advance(Duration.ofSeconds(10));
		assertThat(this.tokens.verify(token, ANY)).isEqualTo(CLAIMS);
		assertThat(this.fetches).hasValue(2);
	}

	@Test
	void verifyWhenKeysCannotBeHadAgainUsesTheLastOnesForADay() {
		String token = FakeIssuer.sign(KEY, null, CLAIMS);
		this.tokens.verify(token, ANY);
		this.published = "no set";
		this.clock.advance(Duration.ofSeconds(10));

		assertProblem(Problem.NO_KEYS, FakeIssuer.sign(OTHER, null, CLAIMS));
		assertThat(this.tokens.verify(token, ANY)).isEqualTo(CLAIMS);
		this.clock.advance(Duration.ofDays(1).minusSeconds(11));
		assertThat(this.tokens.verify(token, ANY)).isEqualTo(CLAIMS);
		this.clock.advance(Duration.ofSeconds(1));
		assertProblem(Problem.NO_KEYS, token);
	}

	@Test
	void verifyWhenAnotherKeyIsBeingLookedForDoesNotWait() {
		Gate gate = new Gate();
		SignedTokens slow = new SignedTokens(() -> {
			if (this.fetches.incrementAndGet() > 1) {
				gate.pass();
			}
			return this.published;
		}, this.clock);
		String token = FakeIssuer.sign(KEY, null, CLAIMS);
		slow.verify(token, ANY);
		this.clock.advance(Duration.ofSeconds(10));
		CompletableFuture<?> unknown = CompletableFuture
			.supplyAsync(() -> slow.verify(FakeIssuer.sign(OTHER, null, CLAIMS), ANY), (task) -> new Thread(task).start());
		gate.awaitHeld(1);

		assertThat(slow.verify(token, ANY)).isEqualTo(CLAIMS);
		assertThat(unknown).isNotDone();

		gate.release();
		assertThat(unknown).failsWithin(Duration.ofSeconds(20));
	}

	@Test
	void verifyWhenFetchEndsInAnErrorFails() {
		SignedTokens broken = new SignedTokens(() -> {
			throw new StackOverflowError();
		}, this.clock);

		for (int i = 0; i < 2; i++) {
			assertThatExceptionOfType(SignedTokenException.class)
				.isThrownBy(() -> broken.verify(FakeIssuer.sign(KEY, null, CLAIMS), ANY))
				.satisfies((ex) -> assertThat(ex.getProblem()).isEqualTo(Problem.NO_KEYS));
		}
	}

	@Test
	void verifyWhenManyComeAtOnceFetchesOnce() {
		Gate gate = new Gate();
		SignedTokens slow = new SignedTokens(() -> {
			this.fetches.incrementAndGet();
			gate.pass();
			return this.published;
		}, this.clock);
		String token = FakeIssuer.sign(KEY, null, CLAIMS);
		CompletableFuture<?>[] all = IntStream.range(0, 3)
			.mapToObj((i) -> CompletableFuture.supplyAsync(() -> slow.verify(token, ANY),
					(task) -> new Thread(task).start()))
			.toArray(CompletableFuture[]::new);

		gate.awaitHeld(1).release();

		CompletableFuture.allOf(all).join();
		assertThat(this.fetches).hasValue(1);
	}

	private void assertProblem(Problem problem, String token) {
		assertThatExceptionOfType(SignedTokenException.class).isThrownBy(() -> this.tokens.verify(token, ANY))
			.satisfies((ex) -> assertThat(ex.getProblem()).isEqualTo(problem));
	}

	private static String set(JWK... keys) {
		return new JWKSet(List.of(keys)).toString();
	}

}
