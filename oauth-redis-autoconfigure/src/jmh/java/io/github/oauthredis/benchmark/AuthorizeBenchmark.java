package io.github.oauthredis.benchmark;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.springframework.security.oauth2.client.OAuth2AuthorizeRequest;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;

import io.github.oauthredis.testkit.RedisServer;

/**
 * {@code OAuth2AuthorizedClientManager.authorize} where a fresh token is at hand: 2,000
 * bytes of tokens, one user. What {@code bare-get} does is the least that a look into
 * Redis takes.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
@State(Scope.Benchmark)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class AuthorizeBenchmark {

	@Param("")
	private String peer;

	private final OAuth2AuthorizeRequest request = Samples.request(Samples.USERS, "alice");

	private RedisServer redis;

	private Peer opened;

	@Setup
	public void setUp() {
		this.redis = RedisServer.start();
		this.opened = Peer.open(this.peer, this.redis.port(), Peer.TOKEN_URI, Duration.ofMinutes(1));
		this.opened.save(Samples.freshGrant(this.opened.users(), "alice"));
	}

	@Benchmark
	public OAuth2AuthorizedClient authorize() {
		return this.opened.manager().authorize(this.request);
	}

	@TearDown
	public void tearDown() throws Exception {
		this.opened.close();
		this.redis.close();
	}

}
