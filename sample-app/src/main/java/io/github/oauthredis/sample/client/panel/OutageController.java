package io.github.oauthredis.sample.client.panel;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

import org.jspecify.annotations.Nullable;
import org.springframework.security.core.Authentication;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

import io.github.oauthredis.sample.client.DemoApi;

/**
 * Starts an outage of Redis on request, one after the other, and tells what the callers
 * notice of it.
 *
 * @author OAuth Redis
 */
@RestController
class OutageController {

	/**
	 * How long the token should live on after the outage: without Redis nobody may
	 * present its refresh token, and the demo is about what lives meanwhile.
	 */
	private static final Duration SPARE = Duration.ofSeconds(20);

	private final Clock clock = Clock.systemUTC();

	private final DemoApi api;

	private final DemoServer server;

	private final DemoRedis redis;

	// Guarded by this.
	private @Nullable Outage latest;

	OutageController(DemoApi api, DemoServer server, DemoRedis redis) {
		this.api = api;
		this.server = server;
		this.redis = redis;
	}

	@PostMapping("/user/outage")
	synchronized Outage.Report start(Authentication user) {
		if (this.latest == null || !this.latest.report().running()) {
			getTokenThatLivesOn(user);
			this.latest = new Outage(this.api::asUser, this.redis::stop, this.redis.outage());
		}
		return this.latest.report();
	}

	@GetMapping("/user/outage")
	synchronized Outage.@Nullable Report report() {
		return (this.latest != null) ? this.latest.report() : null;
	}

	private void getTokenThatLivesOn(Authentication user) {
		Instant end = this.clock.instant().plus(this.redis.outage()).plus(SPARE);
		if (this.server.state()
			.newestToken("demo-web", user.getName())
			.filter((token) -> token.expiresAt().isAfter(end))
			.isEmpty()) {
			this.server.expire("demo-web", user.getName(), Duration.ZERO);
		}
		this.api.asUser();
	}

}
