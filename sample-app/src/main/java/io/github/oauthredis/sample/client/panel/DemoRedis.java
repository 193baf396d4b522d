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

	DemoRedis(@Value("${sample.redis-switch:}") String address) {
		this.address = address;
	}

	boolean canBeStopped() {
		return !this.address.isEmpty();
	}

	void stop(Duration duration) {
		this.launcher.post().uri(this.address).body(duration.toString()).retrieve().toBodilessEntity();
	}

}
