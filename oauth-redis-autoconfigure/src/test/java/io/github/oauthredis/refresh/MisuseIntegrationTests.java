package io.github.oauthredis.refresh;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletionStage;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import io.github.oauthredis.event.GrantLostEvent;
import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.testkit.IssuedGrant;
import io.github.oauthredis.testkit.MutableClock;
import io.github.oauthredis.token.GrantLostException;
import io.github.oauthredis.token.TokenRecord;
import io.github.oauthredis.token.Tokens;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What is told when somebody else uses the tokens of a grant, and when nobody does.
 */
class MisuseIntegrationTests extends EngineFixture {

	private final MutableClock clock = new MutableClock(Instant.now());

	private EngineInstance instance;

	@BeforeEach
	void start() {
		this.instance = instance(new EngineInstance.Options().clock(this.clock));
	}

	private void present(Tokens stolen) {
		try {
			EngineInstance.get(EngineInstance.source(this.server.tokenUri()).request(stolen));
		}
		catch (TokenRequestException ex) {
			assertThat(ex.getCode()).isEqualTo("invalid_grant");
		}
	}

	private CompletionStage<TokenRecord> refuse(String accessToken) {
		raw().age(Duration.ofMinutes(1));
		return this.instance.refresher.replace(demand(), accessToken);
	}

	@Test
	void thiefWhoPresentsAnEarlierRefreshTokenEndsTheFamily() {
		login(this.instance, ENDED);
		Tokens stolen = this.instance.find(KEY).requireTokens();
		String renewed = token(obtain(this.instance));
		present(stolen);

		failure(refuse(renewed), GrantLostException.class);

		this.instance.awaitEvents(TokenEvent.Type.SAVED, TokenEvent.Type.REFRESHED, TokenEvent.Type.REFUSED,
				TokenEvent.Type.DEAD, TokenEvent.Type.FAMILY_LOST);
		assertThat(this.instance.lost).containsExactly(new GrantLostEvent("github", "alice", "invalid_grant"));
		failure(obtain(instance()), GrantLostException.class);
		assertThat(this.instance.lost).hasSize(1);
	}

	@Test
	void thiefWhoRotatesTheRefreshTokenOfALoginIsSuspected() {
		IssuedGrant grant = login(this.instance, HOUR);
		present(this.instance.find(KEY).requireTokens());

		failure(refuse(grant.accessToken()), GrantLostException.class);

		this.instance.awaitEvents(TokenEvent.Type.SAVED, TokenEvent.Type.REFUSED, TokenEvent.Type.DEAD,
				TokenEvent.Type.FOREIGN_ROTATION);
	}

	@Test
	void grantThatEndedWhileItsUserWasAwayIsNoTheft() {
		IssuedGrant grant = login(this.instance, ENDED);
		this.server.kill(grant.refreshToken());

		failure(obtain(this.instance), GrantLostException.class);

		this.instance.awaitEvents(TokenEvent.Type.SAVED, TokenEvent.Type.DEAD);
		assertThat(this.instance.lost).hasSize(1);
	}

	@Test
	void removalAndLogoutAreNoLoss() {
		login(this.instance, HOUR);
		EngineInstance.get(this.instance.refresher.remove(KEY));
		login(this.instance, HOUR);
		EngineInstance.get(this.instance.refresher.revoke(KEY, GrantLostEvent.LOGOUT));

		this.instance.awaitEvents(TokenEvent.Type.SAVED, TokenEvent.Type.REMOVED, TokenEvent.Type.SAVED,
				TokenEvent.Type.REVOKED);
		assertThat(this.instance.lost).isEmpty();
	}

	@Test
	void revocationByAnybodyElseIsALossOnce() {
		login(this.instance, HOUR);

		EngineInstance.get(this.instance.refresher.revoke(KEY, "session-revoked"));
		EngineInstance.get(this.instance.refresher.revoke(KEY, "session-revoked"));

		assertThat(this.instance.lost).containsExactly(new GrantLostEvent("github", "alice", "session-revoked"));
	}

	@Test
	void lineageKeepsTheLastFiveRefreshTokens() {
		login(this.instance, ENDED);
		String[] refreshTokens = new String[7];
		for (int i = 0; i < refreshTokens.length; i++) {
			refreshTokens[i] = this.instance.find(KEY).requireTokens().refreshToken();
			raw().end();
			raw().allowNextAttempt();
			token(obtain(this.instance));
		}

		Tokens tokens = this.instance.find(KEY).requireTokens();

		assertThat(tokens.lineage()).hasSize(Tokens.LONGEST_LINEAGE);
		for (int i = 0; i < Tokens.LONGEST_LINEAGE; i++) {
			assertThat(tokens.lineage().get(i).isOf(refreshTokens[refreshTokens.length - 1 - i])).isTrue();
		}
		login(this.instance, HOUR);
		assertThat(this.instance.find(KEY).requireTokens().lineage()).isEmpty();
	}

	@Test
	void tokensThatAreRefusedAllTheTimeAreToldOnceAMinute() {
		IssuedGrant grant = login(this.instance, HOUR);
		for (int second = 0; second < 59; second++) {
			for (int caller = 0; caller < 3; caller++) {
				EngineInstance.get(this.instance.refresher.replace(demand(), grant.accessToken()));
			}
			this.clock.advance(Duration.ofSeconds(1));
		}

		assertThat(this.instance.eventTypes()).containsOnlyOnce(TokenEvent.Type.REFUSED_OFTEN);
	}

	@Test
	void tokenThatManyCallersHearRefusedAtOnceIsNothingUnusual() {
		IssuedGrant grant = login(this.instance, HOUR);

		for (int caller = 0; caller < 100; caller++) {
			EngineInstance.get(this.instance.refresher.replace(demand(), grant.accessToken()));
		}

		assertThat(this.instance.eventTypes()).doesNotContain(TokenEvent.Type.REFUSED_OFTEN);
	}

}
