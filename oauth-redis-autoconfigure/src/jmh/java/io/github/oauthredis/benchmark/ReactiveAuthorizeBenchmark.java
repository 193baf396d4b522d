package io.github.oauthredis.benchmark;

import java.util.Map;
import java.util.concurrent.TimeUnit;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.springframework.security.oauth2.client.AuthorizedClientServiceReactiveOAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.InMemoryReactiveOAuth2AuthorizedClientService;
import org.springframework.security.oauth2.client.OAuth2AuthorizeRequest;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.ReactiveOAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.ReactiveOAuth2AuthorizedClientService;
import org.springframework.security.oauth2.client.registration.InMemoryReactiveClientRegistrationRepository;

import io.github.oauthredis.testkit.RedisServer;

/**
 * The same for {@code ReactiveOAuth2AuthorizedClientManager.authorize}.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
@State(Scope.Benchmark)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ReactiveAuthorizeBenchmark {

	@Param("")
	private String peer;

	private final OAuth2AuthorizeRequest request = Samples.request(Samples.USERS, "alice");

	private RedisServer redis;

	private Ours ours;

	private ReactiveOAuth2AuthorizedClientManager manager;

	@Setup
	public void setUp() {
		this.redis = RedisServer.start();
		this.ours = Ours.start(this.redis.port(), Peer.TOKEN_URI,
				Map.of("oauth-redis.near-cache.enabled", String.valueOf(!this.peer.equals("ours-redis"))));
		OAuth2AuthorizedClient client = Samples.freshGrant(this.ours.users(), "alice");
		this.ours.save(client);
		this.manager = this.peer.startsWith("ours") ? this.ours.bean(ReactiveOAuth2AuthorizedClientManager.class)
				: stock(client);
	}

	private static ReactiveOAuth2AuthorizedClientManager stock(OAuth2AuthorizedClient client) {
		InMemoryReactiveClientRegistrationRepository registrations = new InMemoryReactiveClientRegistrationRepository(
				Samples.registrations(Peer.TOKEN_URI));
		ReactiveOAuth2AuthorizedClientService service = new InMemoryReactiveOAuth2AuthorizedClientService(
				registrations);
		service.saveAuthorizedClient(client, Samples.user("alice")).block();
		return new AuthorizedClientServiceReactiveOAuth2AuthorizedClientManager(registrations, service);
	}

	@Benchmark
	public OAuth2AuthorizedClient authorize() {
		return this.manager.authorize(this.request).block();
	}

	@TearDown
	public void tearDown() {
		this.ours.close();
		this.redis.close();
	}

}
