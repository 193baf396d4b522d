package io.github.oauthredis.sample.launcher;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of {@link RedisSwitch}.
 *
 * @author OAuth Redis
 */
class RedisSwitchTests {

	private final List<String> done = new CopyOnWriteArrayList<>();

	private final RedisSwitch redis = RedisSwitch.open(() -> this.done.add("freeze"), () -> this.done.add("resume"));

	@AfterEach
	void close() {
		this.redis.close();
	}

	@Test
	void postFreezesAndResumesLater() throws Exception {
		assertThat(post(this.redis.uri(), "PT0.1S")).isEqualTo(204);

		Awaitility.await().until(() -> this.done.size() == 2);
		assertThat(this.done).containsExactly("freeze", "resume");
	}

	@Test
	void postWhenFrozenIsRefused() throws Exception {
		post(this.redis.uri(), "PT30S");

		assertThat(post(this.redis.uri(), "PT1S")).isEqualTo(409);
		assertThat(this.done).containsExactly("freeze");
	}

	@Test
	void postWhenDurationIsTooLongOrNoneIsRefused() throws Exception {
		assertThat(post(this.redis.uri(), "PT31S")).isEqualTo(400);
		assertThat(post(this.redis.uri(), "PT-1S")).isEqualTo(400);
		assertThat(post(this.redis.uri(), "long")).isEqualTo(400);
		assertThat(this.done).isEmpty();
	}

	@Test
	void postWhenSecretIsWrongIsNotFound() throws Exception {
		assertThat(post(URI.create(this.redis.uri()).resolve("/0123456789abcdef").toString(), "PT1S")).isEqualTo(404);
		assertThat(this.done).isEmpty();
	}

	private static int post(String uri, String body) throws IOException, InterruptedException {
		HttpRequest request = HttpRequest.newBuilder(URI.create(uri)).POST(BodyPublishers.ofString(body)).build();
		return HttpClient.newHttpClient().send(request, BodyHandlers.discarding()).statusCode();
	}

}
