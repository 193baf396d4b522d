package io.github.oauthredis.webhook;

import java.time.Duration;

import org.jspecify.annotations.Nullable;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;

/**
 * What the sender of a message gets. Immutable.
 *
 * @param status status of the answer
 * @param headers headers of the answer
 * @param body body of the answer; empty for none
 */
record SignalReply(int status, HttpHeaders headers, String body) {

	/**
	 * After what time a message may be sent again.
	 */
	static final Duration PAUSE = Duration.ofSeconds(20);

	static SignalReply of(int status, @Nullable String json) {
		HttpHeaders headers = new HttpHeaders();
		headers.setCacheControl(CacheControl.noStore());
		if (json != null) {
			headers.setContentType(MediaType.APPLICATION_JSON);
		}
		return new SignalReply(status, headers, (json != null) ? json : "");
	}

	/**
	 * Nothing is wrong with the message, but it could not take effect now.
	 */
	static SignalReply later() {
		return of(503, null).with(HttpHeaders.RETRY_AFTER, String.valueOf(PAUSE.toSeconds()));
	}

	/**
	 * Messages are posted.
	 */
	static SignalReply notPosted() {
		return of(405, null).with(HttpHeaders.ALLOW, "POST");
	}

	private SignalReply with(String name, String value) {
		HttpHeaders headers = HttpHeaders.copyOf(this.headers);
		headers.set(name, value);
		return new SignalReply(this.status, headers, this.body);
	}

}
