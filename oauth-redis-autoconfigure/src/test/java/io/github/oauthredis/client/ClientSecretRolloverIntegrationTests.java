package io.github.oauthredis.client;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.security.oauth2.client.endpoint.OAuth2AuthorizationCodeGrantRequest;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationExchange;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationRequest;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationResponse;

import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.refresh.TokenAnswer;
import io.github.oauthredis.refresh.TokenRequestException;
import io.github.oauthredis.refresh.TokenSource;
import io.github.oauthredis.store.ClientSecretPlaces;
import io.github.oauthredis.testkit.FakeAuthorizationServer;
import io.github.oauthredis.testkit.IssuedGrant;
import io.github.oauthredis.testkit.MutableClock;
import io.github.oauthredis.testkit.RedisServer;
import io.github.oauthredis.testkit.TokenRequest;
import io.github.oauthredis.token.Marks;
import io.github.oauthredis.token.Tokens;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A provider gets another client secret while several instances use it.
 */
class ClientSecretRolloverIntegrationTests {

	private static final String LAST = "l%st: secret+";

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start().rotateStrictly();

	private final List<TokenEvent> events = new CopyOnWriteArrayList<>();

	private final List<String> next = new ArrayList<>(List.of("wrong", LAST));

	private final MutableClock clock = new MutableClock();

	private final LettuceConnectionFactory connections = RedisServer.shared().connectionFactory();

	private final ClientRegistration service = TestClients.service(this.server.tokenUri()).build();

	@BeforeEach
	void start() {
		RedisServer.shared().flushAll();
		this.connections.afterPropertiesSet();
		this.connections.start();
		provider("service-secret");
	}

	@AfterEach
	void stop() {
		this.connections.destroy();
		this.server.close();
	}

	@Test
	void ownSecretIsSentAloneAsLongAsItWorks() {
		ask(instance(), this.service);

		assertThat(secrets()).containsExactly("service-secret");
		assertThat(this.events).isEmpty();
		assertThat(RedisServer.shared().keys("*")).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "client_secret_basic", "client_secret_post" })
	void secretsAreTriedInOrderAndAllInstancesBeginWithTheOneThatWorked(String method) {
		ClientRegistration registration = TestClients.service(this.server.tokenUri())
			.clientAuthenticationMethod(new ClientAuthenticationMethod(method))
			.build();
		provider(LAST);
		TokenSources first = instance();

		ask(first, registration);
		ask(first, registration);
		ask(instance(), registration);

		assertThat(secrets()).containsExactly("service-secret", "wrong", LAST, LAST, LAST);
		assertThat(this.server.requests()).extracting(TokenRequest::clientAuthentication).containsOnly(method);
		assertThat(this.events)
			.containsExactly(new TokenEvent(TokenEvent.Type.CLIENT_SECRET_CHANGED, "billing", null, null, 0, "2"));
		assertThat(RedisServer.shared().command("GET", "oauth-redis:{cs~billing}:place")).isEqualTo("2");
		assertThat((Long) RedisServer.shared().command("PTTL", "oauth-redis:{cs~billing}:place")).isBetween(1L,
				Duration.ofDays(30).toMillis());
	}

	@Test
	void refreshTokenIsPresentedAgainOnlyWhereTheClientWasRefused() {
		ClientRegistration registration = TestClients.grant(this.server.tokenUri()).build();
		this.server.client("web", LAST);
		IssuedGrant grant = this.server.issueGrant("web", "read");

		TokenAnswer answer = join(instance().refreshToken(registration, Map.of(), (response) -> {
		}), tokens(grant));

		assertThat(this.server.isAlive(String.valueOf(answer.refreshToken()))).isTrue();
		assertThat(this.server.presentations(grant.refreshToken())).hasSize(3);
		assertThat(this.server.maxOverlap()).isOne();
		assertThat(this.server.reuseEvents()).isZero();
	}

	@Test
	void authorizationCodeIsRedeemedWithTheSecretThatWorks() {
		ClientRegistration registration = TestClients.grant(this.server.tokenUri()).build();
		this.server.client("web", "wrong");
		OAuth2AuthorizationRequest request = OAuth2AuthorizationRequest.authorizationCode()
			.clientId("web")
			.authorizationUri("https://provider.example/authorize")
			.redirectUri("https://app.example/callback")
			.build();
		OAuth2AuthorizationExchange exchange = new OAuth2AuthorizationExchange(request,
				OAuth2AuthorizationResponse.success("unknown-code")
					.redirectUri("https://app.example/callback")
					.build());

		assertThatExceptionOfType(TokenEndpointException.class)
			.isThrownBy(() -> endpoint().authorizationCode()
				.getTokenResponse(new OAuth2AuthorizationCodeGrantRequest(registration, exchange)))
			.satisfies((ex) -> assertThat(ex.code()).isEqualTo("invalid_grant"));
		assertThat(secrets()).containsExactly("web-secret", "wrong");
	}

	@Test
	void allRefusedFailsAsBeforeAndBeginsWithTheSameNextTime() {
		provider("nobody's");
		TokenSources instance = instance();

		for (int i = 0; i < 2; i++) {
			assertThatExceptionOfType(CompletionException.class).isThrownBy(() -> ask(instance, this.service))
				.satisfies((ex) -> assertThat(((TokenRequestException) ex.getCause()).getCode())
					.isEqualTo("invalid_client"));
		}

		assertThat(secrets()).containsExactly("service-secret", "wrong", LAST, "service-secret", "wrong", LAST);
		assertThat(this.events).isEmpty();
	}

	@Test
	void ownSecretIsTriedBeforeTheRestWhereAnotherOneWorkedLast() {
		provider(LAST);
		TokenSources instance = instance();
		ask(instance, this.service);

		provider("wrong");
		ask(instance, this.service);
		this.next.clear();
		this.next.add("newest");
		provider("service-secret");
		ask(instance, this.service);

		assertThat(secrets().subList(3, 8)).containsExactly(LAST, "service-secret", "wrong", "newest",
				"service-secret");
		assertThat(this.events).extracting(TokenEvent::detail).containsExactly("2", "1", "0");
	}

	@Test
	void nothingMoreIsSentAfterAQuarterOfTheCallTimeout() {
		provider(LAST);
		this.server.holdAnswers((request) -> {
			this.clock.advance(Duration.ofMillis(1250));
			return false;
		});

		assertThatExceptionOfType(CompletionException.class).isThrownBy(() -> ask(instance(), this.service));

		assertThat(secrets()).containsExactly("service-secret");
	}

	@Test
	void otherFailuresLeadToNoOtherSecret() {
		this.server.faults().failAlways(503, "temporarily_unavailable");

		assertThatExceptionOfType(CompletionException.class).isThrownBy(() -> ask(instance(), this.service));

		assertThat(secrets()).containsExactly("service-secret");
	}

	@Test
	void instanceRemembersWhileRedisIsAway() {
		provider(LAST);
		this.connections.destroy();
		TokenSources instance = instance();

		ask(instance, this.service);
		ask(instance, this.service);

		assertThat(secrets()).containsExactly("service-secret", "wrong", LAST, LAST);
	}

	private void provider(String secret) {
		this.server.client("service", secret);
	}

	private TokenSources instance() {
		return new TokenSources(endpoint(), UserTokenClients.NONE);
	}

	private TokenEndpoint endpoint() {
		ClientSecretPlaces places = new ClientSecretPlaces(this.connections, "oauth-redis", Duration.ofSeconds(10),
				Clock.systemUTC());
		return new TokenEndpoint((id) -> TestClients.settings(), Duration.ofSeconds(2), null, Clock.systemUTC(),
				new ClientSecretRollover((id) -> List.copyOf(this.next), places, this.events::add, this.clock));
	}

	private static void ask(TokenSources instance, ClientRegistration registration) {
		join(instance.clientCredentials(registration, Map.of()), null);
	}

	private static TokenAnswer join(TokenSource source, @Nullable Tokens current) {
		return source.request(current).toCompletableFuture().join();
	}

	private static Tokens tokens(IssuedGrant grant) {
		Instant now = Instant.now();
		return new Tokens(grant.accessToken(), "Bearer", grant.refreshToken(), Set.of("read"), Set.of("read"), "alice",
				now, now, now, null, null, null, true, Marks.NONE);
	}

	private List<String> secrets() {
		return this.server.requests().stream().map(TokenRequest::clientSecret).toList();
	}

}
