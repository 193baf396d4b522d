package io.github.oauthredis.sample.client.panel;

import java.time.Duration;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;
import org.springframework.web.client.RestClient;

/**
 * The switch of the sample's own Redis. There is none for a Redis that the user runs.
 *
 * @author OAuth Redis
 */
@Component
class DemoRedis {

	private final RestClient launcher = RestClient.create();

	private final String address;

	private final Duration outage;

	DemoRedis(@Value("${sample.redis-switch:}") String address, @Value("${sample.outage}") Duration outage) {
		this.address = address;
		this.outage = outage;
	}

	/**
	 * Return how long {@link #stop()} stops it.
	 * @return a duration, zero if it cannot be stopped
	 */
	Duration outage() {
		return this.address.isEmpty() ? Duration.ZERO : this.outage;
	}

	void stop() {
		this.launcher.post().uri(this.address).body(this.outage.toString()).retrieve().toBodilessEntity();
	}

}
