package io.github.oauthredis.refresh;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.Test;

import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.refresh.StopPoints.Step;
import io.github.oauthredis.testkit.Gate;
import io.github.oauthredis.testkit.IssuedGrant;
import io.github.oauthredis.token.GrantLostException;
import io.github.oauthredis.token.TokenRecord;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A listener that throws, or takes its time, must not be felt by anybody.
 */
class ListenerIntegrationTests extends EngineFixture {

	private EngineInstance throwingInstance() {
		return instance(new EngineInstance.Options().stopPoints(this.steps).listener((event) -> {
			throw new IllegalStateException("A listener failed");
		}));
	}

	@Test
	void refreshWhenListenerThrowsSucceeds() {
		EngineInstance instance = throwingInstance();
		IssuedGrant grant = login(instance, ENDED);

		assertThat(token(obtain(instance))).isNotEqualTo(grant.accessToken());
		instance.awaitEvents(TokenEvent.Type.SAVED, TokenEvent.Type.REFRESHED);
		assertPairAlive(instance);
	}

	@Test
	void refreshWhenListenerThrowsFailsAsUsual() {
		EngineInstance instance = throwingInstance();
		IssuedGrant grant = login(instance, ENDED);
		this.server.faults().failNext(1, 503, "temporarily_unavailable", null);

		unavailable(obtain(instance), "temporarily_unavailable");
		raw().allowNextAttempt();
		this.server.kill(grant.refreshToken());

		assertThat(failure(obtain(instance), GrantLostException.class).getReason()).isEqualTo("invalid_grant");
		instance.awaitEvents(TokenEvent.Type.SAVED, TokenEvent.Type.FAILED, TokenEvent.Type.DEAD);
	}

	@Test
	void adoptionWhenListenerThrowsSucceeds() {
		EngineInstance instance = throwingInstance();
		login(instance, ENDED);
		this.steps.hold(Step.FOUND);
		CompletableFuture<TokenRecord> call = obtain(instance);
		this.steps.awaitHeld(Step.FOUND, 1);
		String renewed = token(obtain(instance()));
		this.steps.release(Step.FOUND);

		assertThat(token(call)).isEqualTo(renewed);
		instance.awaitEvents(TokenEvent.Type.SAVED, TokenEvent.Type.ADOPTED);
	}

	@Test
	void replaceWhenListenerThrowsSucceeds() {
		EngineInstance instance = throwingInstance();
		IssuedGrant grant = login(instance, HOUR);
		raw().age(Duration.ofMinutes(1));

		assertThat(token(instance.refresher.replace(demand(), grant.accessToken()))).isNotEqualTo(grant.accessToken());
	}

	@Test
	void removeWhenListenerThrowsSucceeds() {
		EngineInstance instance = throwingInstance();
		login(instance, HOUR);

		EngineInstance.get(instance.refresher.remove(KEY));

		assertThat(EngineInstance.get(instance.refresher.load(KEY, EngineInstance.POLICY))).isNull();
	}

	@Test
	void callersAreServedBeforeTheListenerIsDone() {
		try (Gate gate = new Gate()) {
			EngineInstance instance = instance(new EngineInstance.Options().listener((event) -> {
				if (event.type() == TokenEvent.Type.FAILED || event.type() == TokenEvent.Type.DEAD) {
					gate.pass();
				}
			}));
			IssuedGrant grant = login(instance, ENDED);
			this.server.faults().failNext(1, 503, "temporarily_unavailable", null);

			unavailable(obtain(instance), "temporarily_unavailable");
			gate.awaitHeld(1).releaseOne();
			raw().allowNextAttempt();
			this.server.kill(grant.refreshToken());
			failure(obtain(instance), GrantLostException.class);
			gate.awaitHeld(1);
		}
	}

}
