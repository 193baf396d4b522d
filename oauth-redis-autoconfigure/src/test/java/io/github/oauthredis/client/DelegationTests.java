package io.github.oauthredis.client;

import java.time.Duration;
import java.time.Instant;
import java.util.Set;

import org.junit.jupiter.api.Test;
import org.springframework.security.oauth2.core.OAuth2AccessToken;
import org.springframework.security.oauth2.core.OAuth2AccessToken.TokenType;
import org.springframework.security.oauth2.core.OAuth2Token;

import io.github.oauthredis.refresh.TokenAnswer;
import io.github.oauthredis.refresh.TokenRequestException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link Delegation}.
 */
class DelegationTests {

	private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

	private static final Duration MINUTE = Duration.ofMinutes(1);

	private static final Duration HOUR = Duration.ofHours(1);

	@Test
	void boundedTakesTheEarliestEnd() {
		assertThat(lifetime(new Delegation(endingIn(MINUTE), null), HOUR)).isEqualTo(MINUTE);
		assertThat(lifetime(new Delegation(endingIn(HOUR), endingIn(MINUTE)), HOUR)).isEqualTo(MINUTE);
		assertThat(lifetime(new Delegation(endingIn(MINUTE), endingIn(HOUR)), HOUR)).isEqualTo(MINUTE);
		assertThat(lifetime(new Delegation(endless(), endingIn(MINUTE)), HOUR)).isEqualTo(MINUTE);
		assertThat(lifetime(new Delegation(endingIn(HOUR), endingIn(HOUR)), MINUTE)).isEqualTo(MINUTE);
		assertThat(lifetime(new Delegation(null, null), HOUR)).isEqualTo(HOUR);
	}

	@Test
	void boundedWhenNoLifetimeIsStatedBoundsTheDefault() {
		Duration byDefault = Duration.ofMinutes(5);

		assertThat(lifetime(new Delegation(endingIn(MINUTE), null), null)).isEqualTo(MINUTE);
		assertThat(new Delegation(endingIn(HOUR), null).bounded(answer(null), byDefault, NOW).expiresIn()).isNull();
	}

	@Test
	void boundedWhenAnEndIsUnknownTakesTheDefaultAndRenewsInTime() {
		Duration byDefault = Duration.ofMinutes(5);
		TokenAnswer bounded = new Delegation(endless(), endingIn(HOUR)).bounded(answer(HOUR), byDefault, NOW);

		assertThat(bounded.expiresIn()).isEqualTo(byDefault);
		assertThat(bounded.refreshIn()).isNull();
		assertThat(lifetime(new Delegation(endingIn(HOUR), endless()), HOUR)).isEqualTo(byDefault);
		assertThat(lifetime(new Delegation(endless(), null), MINUTE)).isEqualTo(MINUTE);
	}

	@Test
	void boundedLeavesNothingToRenewBeforeTheEnd() {
		TokenAnswer bounded = new Delegation(endingIn(MINUTE), null).bounded(answer(HOUR), HOUR, NOW);

		assertThat(bounded.refreshIn()).isEqualTo(MINUTE.minusMillis(1));
		assertThat(new Delegation(endingIn(HOUR), null).bounded(answer(MINUTE), HOUR, NOW).refreshIn()).isNull();
	}

	@Test
	void boundedWhenNothingIsLeftFails() {
		Delegation ended = new Delegation(endingIn(Duration.ZERO), null);

		assertThatExceptionOfType(TokenRequestException.class).isThrownBy(() -> ended.bounded(answer(HOUR), HOUR, NOW))
			.satisfies((ex) -> assertThat(ex.getCode()).isEqualTo("subject_token_ended"));
	}

	@Test
	void hasEndedWhenOneHasEndedReturnsTrue() {
		assertThat(new Delegation(endingIn(Duration.ZERO), endless()).hasEnded(NOW)).isTrue();
		assertThat(new Delegation(endless(), endingIn(Duration.ofMillis(-1))).hasEnded(NOW)).isTrue();
		assertThat(new Delegation(endingIn(Duration.ofMillis(1)), null).hasEnded(NOW)).isFalse();
		assertThat(new Delegation(null, null).hasEnded(NOW)).isFalse();
	}

	@Test
	void toStringShowsNoToken() {
		assertThat(new Delegation(endless(), endless())).asString().doesNotContain("canary");
	}

	private static Duration lifetime(Delegation delegation, Duration stated) {
		return delegation.bounded(answer(stated), Duration.ofMinutes(5), NOW).expiresIn();
	}

	private static TokenAnswer answer(Duration expiresIn) {
		return new TokenAnswer("token", "Bearer", null, null, Set.of(), expiresIn, null, null);
	}

	private static OAuth2Token endingIn(Duration remaining) {
		return new OAuth2AccessToken(TokenType.BEARER, "canary", NOW.minus(HOUR), NOW.plus(remaining));
	}

	private static OAuth2Token endless() {
		return new OAuth2AccessToken(TokenType.BEARER, "canary", NOW, null);
	}

}
