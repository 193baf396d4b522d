package io.github.oauthredis.refresh;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import io.github.oauthredis.token.Marks;
import io.github.oauthredis.token.Rotation;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;
import io.github.oauthredis.token.Tokens;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Renewal}.
 */
class RenewalTests {

	private static final Set<String> READ = Set.of("read");

	private static final Set<String> BOTH = Set.of("read", "write");

	private static TokenAnswer answer(@Nullable String refreshToken, @Nullable Set<String> scopes,
			Set<String> requested) {
		return new TokenAnswer("access-2", "DPoP", refreshToken, scopes, requested, Duration.ofMinutes(10), null,
				Duration.ofMinutes(4));
	}

	private static TokenRecord reading(@Nullable Tokens current) {
		return (current != null)
				? new TokenRecord(TokenRecord.State.LIVE, 7, 8, current, null, TokenRecord.Timing.NONE,
						new Marks(9, 9, 9))
				: new TokenRecord(TokenRecord.State.ABSENT, 0, 1, null, null, TokenRecord.Timing.NONE,
						new Marks(9, 9, 9));
	}

	private static Tokens apply(@Nullable Tokens current, TokenAnswer answer) {
		return Renewal.apply(Given.ISSUED, reading(current), answer, Given.NOW.plusSeconds(9));
	}

	@Test
	void applyTakesTheAnswerAndKeepsWhoGranted() {
		Tokens current = Given.tokens().content();

		Tokens renewed = apply(current, answer(null, null, Set.of()));

		assertThat(renewed.accessToken()).isEqualTo("access-2");
		assertThat(renewed.tokenType()).isEqualTo("DPoP");
		assertThat(renewed.principalName()).isEqualTo("alice");
		assertThat(renewed.issuedAt()).isEqualTo(Given.NOW.plusSeconds(9));
		assertThat(renewed.expiresAt()).isEqualTo(Given.NOW.plusSeconds(609));
		assertThat(renewed.lifetime()).isEqualTo(Duration.ofMinutes(10));
		assertThat(renewed.refreshIn()).isEqualTo(Duration.ofMinutes(4));
		assertThat(renewed.previousAccessToken()).isEqualTo(current.accessTokenDigest());
	}

	@Test
	void applyWhenNothingWasThereTakesOnWhoseBehalfItIs() {
		TokenKey key = TokenKey.issued("exchange", "client", "https://provider/token", "type", Set.of(), Map.of(),
				List.of("alice", "", ""));

		assertThat(Renewal.apply(key, reading(null), answer(null, null, Set.of()), Given.NOW).principalName())
			.isEqualTo("alice");
		assertThat(apply(null, answer(null, null, Set.of())).principalName()).isNull();
	}

	@Test
	void applyWhenRefreshTokenIsOmittedKeepsTheOldOne() {
		Tokens current = Given.tokens().content();

		Tokens renewed = apply(current, answer(null, null, Set.of()));

		assertThat(renewed.refreshToken()).isEqualTo("refresh-1");
		assertThat(renewed.refreshTokenIssuedAt()).isEqualTo(current.refreshTokenIssuedAt());
		assertThat(renewed.rotates()).isFalse();
	}

	@Test
	void applyWhenRefreshTokenIsTheSameIsNoRotation() {
		Tokens current = Given.tokens().content();

		Tokens renewed = apply(current, answer("refresh-1", null, Set.of()));

		assertThat(renewed.refreshTokenIssuedAt()).isEqualTo(current.refreshTokenIssuedAt());
		assertThat(renewed.rotates()).isFalse();
	}

	@Test
	void applyWhenRefreshTokenIsAnotherRemembersTheReplacedOnes() {
		Tokens tokens = Given.tokens().content();
		for (int i = 2; i <= 8; i++) {
			tokens = apply(tokens, answer("refresh-" + i, null, Set.of()));
			assertThat(apply(tokens, answer(null, null, Set.of())).lineage()).isEqualTo(tokens.lineage());
		}

		assertThat(tokens.lineage()).containsExactly(Rotation.of("refresh-7", Given.NOW.plusSeconds(9)),
				Rotation.of("refresh-6", Given.NOW.plusSeconds(9)), Rotation.of("refresh-5", Given.NOW.plusSeconds(9)),
				Rotation.of("refresh-4", Given.NOW.plusSeconds(9)));
		assertThat(apply(null, answer("refresh-9", null, Set.of())).lineage()).isEmpty();
	}

	@Test
	void applyWhenRefreshTokenIsAnotherRemembersThatTheServerRotates() {
		Tokens renewed = apply(Given.tokens().content(), answer("refresh-2", null, Set.of()));

		assertThat(renewed.refreshToken()).isEqualTo("refresh-2");
		assertThat(renewed.refreshTokenIssuedAt()).isEqualTo(Given.NOW.plusSeconds(9));
		assertThat(renewed.rotates()).isTrue();
		assertThat(apply(renewed, answer(null, null, Set.of())).rotates()).as("stays").isTrue();
	}

	@Test
	void applyWhenFirstRefreshTokenArrivesIsNoRotation() {
		assertThat(apply(null, answer("refresh-1", null, READ)).rotates()).isFalse();
		assertThat(apply(Given.tokens().withoutRefreshToken().content(), answer("refresh-1", null, READ)).rotates())
			.isFalse();
	}

	@Test
	void applyWhenNothingWasThereTakesScopesAsRequested() {
		Tokens fresh = apply(null, answer(null, null, BOTH));

		assertThat(fresh.scopes()).isEqualTo(BOTH);
		assertThat(fresh.requestedScopes()).isEqualTo(BOTH);
		assertThat(fresh.refreshToken()).isNull();
		assertThat(fresh.refreshTokenIssuedAt()).isNull();
		assertThat(fresh.previousAccessToken()).isNull();
		assertThat(fresh.principalName()).isNull();
	}

	@Test
	void applyWhenScopesAreOmittedKeepsTheGrantedOnes() {
		Tokens renewed = apply(Given.tokens().scopes(BOTH, READ).content(), answer(null, null, Set.of()));

		assertThat(renewed.scopes()).isEqualTo(READ);
		assertThat(renewed.requestedScopes()).isEqualTo(BOTH);
	}

	@Test
	void applyWhenScopesAreNarrowedOrWidenedTakesThemAndKeepsWhatWasRequested() {
		Tokens both = Given.tokens().scopes(BOTH, BOTH).content();
		Tokens read = Given.tokens().scopes(READ, READ).content();

		assertThat(apply(both, answer(null, READ, Set.of()))).extracting(Tokens::scopes, Tokens::requestedScopes)
			.containsExactly(READ, BOTH);
		assertThat(apply(read, answer(null, BOTH, Set.of()))).extracting(Tokens::scopes, Tokens::requestedScopes)
			.containsExactly(BOTH, READ);
		assertThat(apply(both, answer(null, Set.of(), Set.of())).scopes()).isEmpty();
	}

	@Test
	void applyWhenLifetimeIsNotStatedLeavesItUnknown() {
		Tokens renewed = apply(Given.tokens().content(),
				new TokenAnswer("access-2", "Bearer", null, null, Set.of(), null, null, null));

		assertThat(renewed.lifetime()).isNull();
		assertThat(renewed.expiresAt()).isNull();
		assertThat(renewed.refreshIn()).isNull();
	}

	@Test
	void applyWhenLifetimesMakeNoSenseTakesThemAsUnknown() {
		Duration negative = Duration.ofSeconds(-1);
		TokenAnswer answer = new TokenAnswer("access-2", "Bearer", null, null, Set.of(), Duration.ZERO, negative,
				Duration.ZERO);

		assertThat(answer.refreshTokenExpiresIn()).isNull();
		assertThat(apply(null, answer)).extracting(Tokens::lifetime, Tokens::expiresAt, Tokens::refreshIn)
			.containsOnlyNulls();
	}

	@Test
	void applyWhenLifetimeIsLongerThanTimeItselfBoundsIt() {
		Duration longest = Duration.ofSeconds(Long.MAX_VALUE);
		TokenAnswer answer = new TokenAnswer("access-2", "Bearer", "refresh-2", null, Set.of(), longest, longest,
				longest);

		Tokens tokens = apply(null, answer);

		assertThat(tokens.expiresAt()).isAfter(Given.NOW.plus(Duration.ofDays(36_000)));
		assertThat(EngineInstance.POLICY.life(Given.GRANT, tokens, answer.refreshTokenExpiresIn(), Given.NOW)
			.keepUntil()
			.toEpochMilli()).isPositive();
	}

	@Test
	void isNarrowedComparesWhatWasGrantedWithWhatWasRequested() {
		Tokens narrow = Given.tokens().scopes(BOTH, READ).content();
		Tokens full = Given.tokens().scopes(BOTH, BOTH).content();
		Tokens wide = Given.tokens().scopes(READ, BOTH).content();

		assertThat(Renewal.isNarrowed(null, narrow)).isTrue();
		assertThat(Renewal.isNarrowed(full, narrow)).isTrue();
		assertThat(Renewal.isNarrowed(narrow, narrow)).as("no news").isFalse();
		assertThat(Renewal.isNarrowed(full, full)).isFalse();
		assertThat(Renewal.isNarrowed(full, wide)).isFalse();
		assertThat(Renewal.isNarrowed(null, Given.tokens().scopes(Set.of(), READ).content())).isFalse();
	}

	@Test
	void applyWhenRenewedKeepsTheMarksOfTheGrant() {
		Tokens current = Given.tokens().content();

		Tokens renewed = apply(current, answer(null, null, Set.of()));

		assertThat(renewed.marks()).isEqualTo(current.marks());
	}

	@Test
	void applyWhenNothingWasThereTakesTheMarksOfTheReading() {
		Tokens obtained = apply(null, answer(null, null, Set.of()));

		assertThat(obtained.marks()).isEqualTo(new Marks(9, 9, 9));
	}

	@Test
	void applyWhenRevokedKeepsNothingAndTakesTheMarksOfTheReading() {
		Tokens dead = Given.tokens().content();
		TokenRecord revoked = reading(dead).checked(new Marks(9, 9, 9), null);

		Tokens obtained = Renewal.apply(Given.ISSUED, revoked, answer(null, null, Set.of()), Given.NOW);

		assertThat(revoked.state()).isEqualTo(TokenRecord.State.DEAD);
		assertThat(obtained.marks()).isEqualTo(new Marks(9, 9, 9));
		assertThat(obtained.refreshToken()).isNull();
	}

}
