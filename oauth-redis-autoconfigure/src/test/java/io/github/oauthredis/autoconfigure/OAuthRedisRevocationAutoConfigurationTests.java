package io.github.oauthredis.autoconfigure;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.AbstractApplicationContextRunner;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.security.config.web.server.ServerHttpSecurity;

import io.github.oauthredis.client.GrantLogout;
import io.github.oauthredis.client.GrantLogoutListener;
import io.github.oauthredis.client.GrantRevocations;
import io.github.oauthredis.client.GrantServerLogoutHandler;
import io.github.oauthredis.client.ReactiveTokenRevocations;
import io.github.oauthredis.client.TokenRevocations;
import io.github.oauthredis.revocation.RevocationEndpoint;
import io.github.oauthredis.store.RecordVersion;
import io.github.oauthredis.store.RedisRevocationOutbox;
import io.github.oauthredis.store.RevocationOutbox;
import io.github.oauthredis.store.TokenStore;
import io.github.oauthredis.testkit.Await;
import io.github.oauthredis.token.Tokens;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;

/**
 * Tests for {@link OAuthRedisRevocationAutoConfiguration}.
 */
class OAuthRedisRevocationAutoConfigurationTests {

	private static final String SENDER = "oauthRedisRevocationSender";

	private final ApplicationContextRunner nonWeb = Applications.nonWeb()
		.withPropertyValues(Applications.REGISTRATIONS);

	@ParameterizedTest
	@MethodSource("io.github.oauthredis.autoconfigure.Applications#all")
	void appliesToAllKindsOfApplication(AbstractApplicationContextRunner<?, ?, ?> runner) {
		runner.withPropertyValues(Applications.REGISTRATIONS).run((assertable) -> {
			ApplicationContext context = (ApplicationContext) assertable;
			assertThat(context.getBean(TokenRevocations.class)).isNotNull();
			assertThat(context.getBean(ReactiveTokenRevocations.class)).isNotNull();
			assertThat(context.getBean(RevocationOutbox.class)).isInstanceOf(RedisRevocationOutbox.class);
			assertThat(context.getBean(RevocationEndpoint.class)).isNotNull();
			assertThat(context.getBean(SENDER, RedisLifecycle.class).isRunning()).isTrue();
		});
	}

	@Test
	void logoutIsHeardInTheWayOfTheApplication() {
		this.nonWeb.run((context) -> assertThat(context).doesNotHaveBean(GrantLogout.class));
		Applications.servlet()
			.withPropertyValues(Applications.REGISTRATIONS)
			.run((context) -> assertThat(context).hasSingleBean(GrantLogoutListener.class)
				.doesNotHaveBean(GrantServerLogoutHandler.class));
		Applications.reactive()
			.withPropertyValues(Applications.REGISTRATIONS)
			.run((context) -> assertThat(context).hasSingleBean(GrantServerLogoutHandler.class)
				.hasBean("oauthRedisLogoutCustomizer")
				.doesNotHaveBean(GrantLogoutListener.class));
		Applications.servlet()
			.withPropertyValues(Applications.REGISTRATIONS)
			.withPropertyValues("oauth-redis.revocation.on-logout=false")
			.run((context) -> assertThat(context).hasSingleBean(TokenRevocations.class)
				.doesNotHaveBean(GrantLogout.class)
				.doesNotHaveBean(GrantLogoutListener.class));
	}

	@Test
	void reactiveApplicationWithoutSpringSecurityHasNoLogoutHandler() {
		Applications.reactive()
			.withPropertyValues(Applications.REGISTRATIONS)
			.withClassLoader(new FilteredClassLoader(ServerHttpSecurity.class))
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(TokenRevocations.class)
				.doesNotHaveBean(GrantServerLogoutHandler.class));
	}

	@Test
	void backsOffWhenDisabled() {
		this.nonWeb.withPropertyValues("oauth-redis.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(GrantRevocations.class)
				.doesNotHaveBean(RevocationOutbox.class)
				.doesNotHaveBean(SENDER));
	}

	@Test
	void tellsNoProviderWhenSwitchedOff() {
		this.nonWeb.withPropertyValues("oauth-redis.revocation.enabled=false")
			.run((context) -> assertThat(context).hasSingleBean(TokenRevocations.class)
				.doesNotHaveBean(RevocationOutbox.class)
				.doesNotHaveBean(RevocationEndpoint.class)
				.doesNotHaveBean(SENDER));
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void outboxOfTheApplicationIsEmptied(boolean ownStore) {
		OwnOutbox own = new OwnOutbox();
		ApplicationContextRunner runner = this.nonWeb.withBean("own", RevocationOutbox.class, () -> own);
		if (ownStore) {
			runner = runner.withBean("ownStore", TokenStore.class, () -> mock(TokenStore.class));
		}

		runner.run((context) -> {
			assertThat(context).hasNotFailed().hasSingleBean(RevocationOutbox.class);
			Await.until("somebody who empties it", Duration.ofSeconds(20), own.claimed::isDone);
		});
	}

	@Test
	void endpointOfTheApplicationIsUsed() {
		RevocationEndpoint own = mock(RevocationEndpoint.class);

		this.nonWeb.withBean("own", RevocationEndpoint.class, () -> own)
			.run((context) -> assertThat(context.getBean(RevocationEndpoint.class)).isSameAs(own));
	}

	@Test
	void tellsNoProviderOfTokensInAStoreOfTheApplication() {
		this.nonWeb.withBean("ownStore", TokenStore.class, () -> mock(TokenStore.class))
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(TokenRevocations.class)
				.doesNotHaveBean(RevocationOutbox.class)
				.doesNotHaveBean(SENDER));
	}

	/**
	 * Always empty.
	 */
	private static final class OwnOutbox implements RevocationOutbox {

		private final CompletableFuture<Boolean> claimed = new CompletableFuture<>();

		@Override
		public CompletionStage<Added> add(RecordVersion record, Tokens tokens) {
			return CompletableFuture.completedFuture(new Added("id", null));
		}

		@Override
		public CompletionStage<@Nullable Void> release(String id) {
			return CompletableFuture.completedFuture(null);
		}

		@Override
		public void onRelease(Runnable listener) {
			// Nothing is ever released.
		}

		@Override
		public CompletionStage<Boolean> offer(RecordVersion record, Tokens tokens) {
			return CompletableFuture.completedFuture(true);
		}

		@Override
		public CompletionStage<Claim> claim(Duration hidden) {
			this.claimed.complete(true);
			return CompletableFuture.completedFuture(new Claim(null, Duration.ofMinutes(1)));
		}

		@Override
		public CompletionStage<@Nullable Void> settle(Entry entry, @Nullable Duration again) {
			return CompletableFuture.completedFuture(null);
		}

	}

}
