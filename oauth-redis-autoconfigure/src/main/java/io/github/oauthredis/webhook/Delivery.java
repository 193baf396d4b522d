package io.github.oauthredis.webhook;

import java.time.Instant;

import org.springframework.http.HttpHeaders;

/**
 * What somebody sent to an endpoint of ours, none of which was checked. Its string form
 * shows nothing of it.
 *
 * @param headers headers of the request
 * @param body body of the request, read as UTF-8; empty if it was longer than 64 KiB
 * @param receivedAt when it came
 * @author OAuth Redis
 * @since 0.1.0
 */
public record Delivery(HttpHeaders headers, String body, Instant receivedAt) {

	@Override
	public String toString() {
		return "Delivery[receivedAt=" + this.receivedAt + "]";
	}

}
