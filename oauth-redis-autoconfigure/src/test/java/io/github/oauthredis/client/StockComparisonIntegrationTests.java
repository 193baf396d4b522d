package io.github.oauthredis.client;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import javax.crypto.spec.SecretKeySpec;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.junit.jupiter.api.Test;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.client.AuthorizedClientServiceOAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.InMemoryOAuth2AuthorizedClientService;
import org.springframework.security.oauth2.client.OAuth2AuthorizeRequest;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientProviderBuilder;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientService;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.registration.InMemoryClientRegistrationRepository;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.OAuth2AccessToken;
import org.springframework.security.oauth2.core.OAuth2RefreshToken;

import io.github.oauthredis.codec.RecordCodec;
import io.github.oauthredis.crypto.KeyRing;
import io.github.oauthredis.crypto.SealingKey;
import io.github.oauthredis.refresh.RefreshPolicy;
import io.github.oauthredis.refresh.RequestLimits;
import io.github.oauthredis.refresh.TokenRefresher;
import io.github.oauthredis.resilience.CallGuard;
import io.github.oauthredis.store.RedisTokenStore;
import io.github.oauthredis.testkit.FakeAuthorizationServer;
import io.github.oauthredis.testkit.IssuedGrant;
import io.github.oauthredis.testkit.RedisServer;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The race of the README: 64 threads meet one expired or absent token, with Spring
 * Security's own parts and with ours, against the same strictly rotating server.
 */
class StockComparisonIntegrationTests {

	private static final int CALLERS = 64;

	private static final Log logger = LogFactory.getLog(StockComparisonIntegrationTests.class);

	private static final Authentication ALICE = new UsernamePasswordAuthenticationToken("alice", null, List.of());

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start()
		.client("client", "secret")
		.rotateStrictly();

	private final ClientRegistration users = registration("users", AuthorizationGrantType.AUTHORIZATION_CODE);

	private final ClientRegistration service = registration("service", AuthorizationGrantType.CLIENT_CREDENTIALS);

	private final InMemoryClientRegistrationRepository registrations = new InMemoryClientRegistrationRepository(
			this.users, this.service);

	@Test
	void authorizeWhenManyCallersRaceSendsOneRequestWhereStockSendsMany() throws Exception {
		InMemoryOAuth2AuthorizedClientService inMemory = new InMemoryOAuth2AuthorizedClientService(this.registrations);
		AuthorizedClientServiceOAuth2AuthorizedClientManager stock = new AuthorizedClientServiceOAuth2AuthorizedClientManager(
				this.registrations, inMemory);
		stock.setAuthorizedClientProvider(
				OAuth2AuthorizedClientProviderBuilder.builder().refreshToken().clientCredentials().build());
		Result stockGrant = raceForGrant(stock, inMemory);
		Result stockCold = raceForServiceToken(stock);

		RedisServer redis = RedisServer.shared();
		redis.flushAll();
		LettuceConnectionFactory connections = new LettuceConnectionFactory(redis.host(), redis.port());
		connections.afterPropertiesSet();
		connections.start();
		RedisTokenStore store = new RedisTokenStore(connections, "oauth-redis", Duration.ofSeconds(5),
				(id) -> CompletableFuture.completedFuture(KeyRing.of(key())), new RecordCodec(), (event) -> {
				}, Clock.systemUTC(), 0);
		try (TokenRefresher refresher = new TokenRefresher(store, null, (event) -> {
		}, Clock.systemUTC(), new RequestLimits(16, null), CallGuard.NONE, false)) {
			AuthorizedClients clients = clients(refresher);
			OAuth2AuthorizedClientManager ours = new RedisOAuth2AuthorizedClientManager(clients, (event) -> {
			});
			Result oursGrant = raceForGrant(ours, new RedisOAuth2AuthorizedClientService(clients));
			Result oursCold = raceForServiceToken(ours);

			logger
				.info("%d callers, expired user's token: stock %s, ours %s".formatted(CALLERS, stockGrant, oursGrant));
			logger.info("%d callers, no service token yet: stock %s, ours %s".formatted(CALLERS, stockCold, oursCold));
			assertThat(oursGrant).isEqualTo(new Result(1, 0, 1, true));
			assertThat(oursCold).isEqualTo(new Result(1, 0, 1, true));
			assertThat(stockGrant.loginKept()).isFalse();
		}
		finally {
			connections.destroy();
			this.server.close();
		}
	}

	private AuthorizedClients clients(TokenRefresher refresher) {
		ClientSettings settings = new ClientSettings(new RefreshPolicy(Duration.ofMinutes(5), 0.2,
				Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofSeconds(8), Duration.ofSeconds(5),
				Duration.ofMinutes(5), Duration.ZERO, Duration.ofMinutes(5), Duration.ofDays(180)), Map.of(), null,
				AccessPolicy.OPEN, null);
		TokenEndpoint endpoint = new TokenEndpoint((id) -> settings, Duration.ofSeconds(2), null, Clock.systemUTC());
		return new AuthorizedClients(Registrations.of(this.registrations), (id) -> settings, refresher,
				new TokenSources(endpoint, UserTokenClients.NONE), null, null, null, Clock.systemUTC());
	}

	private static SealingKey key() {
		return new SealingKey("key", new SecretKeySpec(new byte[32], "AES"));
	}

	private Result raceForGrant(OAuth2AuthorizedClientManager manager, OAuth2AuthorizedClientService service)
			throws Exception {
		IssuedGrant grant = this.server.issueGrant("client", "read");
		Instant issuedAt = Instant.now().minusSeconds(3660);
		service.saveAuthorizedClient(new OAuth2AuthorizedClient(this.users, "alice",
				new OAuth2AccessToken(OAuth2AccessToken.TokenType.BEARER, grant.accessToken(), issuedAt,
						issuedAt.plusSeconds(3600), Set.of("read")),
				new OAuth2RefreshToken(grant.refreshToken(), issuedAt)), ALICE);
		return race(manager, "users", () -> {
			OAuth2AuthorizedClient kept = service.loadAuthorizedClient("users", "alice");
			return kept != null && kept.getRefreshToken() != null
					&& this.server.isAlive(kept.getRefreshToken().getTokenValue());
		});
	}

	private Result raceForServiceToken(OAuth2AuthorizedClientManager manager) throws Exception {
		return race(manager, "service", () -> true);
	}

	private Result race(OAuth2AuthorizedClientManager manager, String registrationId, Callable<Boolean> kept)
			throws Exception {
		int before = this.server.tokenRequests();
		CountDownLatch start = new CountDownLatch(1);
		ExecutorService threads = Executors.newFixedThreadPool(CALLERS);
		try {
			List<Future<String>> calls = IntStream.range(0, CALLERS).mapToObj((i) -> threads.submit(() -> {
				start.await();
				OAuth2AuthorizedClient client = manager.authorize(
						OAuth2AuthorizeRequest.withClientRegistrationId(registrationId).principal(ALICE).build());
				return (client != null) ? client.getAccessToken().getTokenValue() : "";
			})).toList();
			start.countDown();
			int failures = 0;
			Set<String> values = new HashSet<>();
			for (Future<String> call : calls) {
				try {
					values.add(call.get(60, TimeUnit.SECONDS));
				}
				catch (ExecutionException ex) {
					failures++;
				}
			}
			return new Result(this.server.tokenRequests() - before, failures, values.size(), kept.call());
		}
		finally {
			threads.shutdownNow();
		}
	}

	private ClientRegistration registration(String id, AuthorizationGrantType grantType) {
		return ClientRegistration.withRegistrationId(id)
			.clientId("client")
			.clientSecret("secret")
			.authorizationGrantType(grantType)
			.redirectUri("{baseUrl}/login/oauth2/code/{registrationId}")
			.authorizationUri(this.server.uri("/authorize").toString())
			.tokenUri(this.server.tokenUri())
			.scope("read")
			.build();
	}

	private record Result(int tokenRequests, int failures, int values, boolean loginKept) {
	}

}
