package io.github.oauthredis.testkit;

import java.util.Map;

/**
 * An HTTP answer that is ready to leave. Immutable.
 *
 * @param status the status
 * @param headers its headers
 * @param body its body, sent as UTF-8
 */
record Answer(int status, Map<String, String> headers, String body) {

	static Answer json(int status, String json) {
		return new Answer(status, Map.of("Content-Type", "application/json", "Cache-Control", "no-store"), json);
	}

}
