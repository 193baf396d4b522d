package io.github.oauthredis.testkit;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link FakeResourceServer}.
 */
class FakeResourceServerTests {

	private final FakeResourceServer server = FakeResourceServer.start();

	private final TokenClient client = new TokenClient();

	@AfterEach
	void close() {
		this.server.close();
	}

	@Test
	void requestWithoutTokenIsAnswered401() {
		HttpResponse<String> response = this.client.get(this.server.uri("/api")).join();

		assertThat(response.statusCode()).isEqualTo(401);
		assertThat(response.headers().firstValue("WWW-Authenticate")).hasValue("Bearer");
		assertThat(this.server.answers(401)).isOne();
	}

	@Test
	void requestWithTokenGetsItsBodyBackAndIsRecorded() throws Exception {
		byte[] body = { 0, 1, (byte) 0xff, '\n' };
		HttpRequest request = HttpRequest.newBuilder(this.server.uri("/api/files?id=7"))
			.header("Authorization", "Bearer good")
			.header("X-Trace", "abc")
			.PUT(HttpRequest.BodyPublishers.ofByteArray(body))
			.build();

		HttpResponse<byte[]> response = HttpClient.newHttpClient()
			.send(request, HttpResponse.BodyHandlers.ofByteArray());

		assertThat(response.statusCode()).isEqualTo(200);
		assertThat(response.body()).isEqualTo(body);
		assertThat(this.server.requests("/api/files")).singleElement().satisfies((recorded) -> {
			assertThat(recorded.method()).isEqualTo("PUT");
			assertThat(recorded.uri()).hasToString("/api/files?id=7");
			assertThat(recorded.header("x-trace")).isEqualTo("abc");
			assertThat(recorded.bearerToken()).isEqualTo("good");
			assertThat(recorded.body()).isEqualTo(body);
		});
	}

	@Test
	void rejectAnswers401ToThatTokenOnly() {
		this.server.reject("old");

		assertThat(status("old")).isEqualTo(401);
		assertThat(status("new")).isEqualTo(200);
		assertThat(status("old")).isEqualTo(401);

		this.server.accept();

		assertThat(status("old")).isEqualTo(200);
	}

	@Test
	void rejectNextAnswers401SoManyTimes() {
		this.server.rejectNext(2);

		assertThat(List.of(status("a"), status("b"), status("c"))).containsExactly(401, 401, 200);
	}

	@Test
	void rejectAlwaysLastsUntilAccept() {
		this.server.rejectAlways();
		assertThat(List.of(status("a"), status("b"), status("c"))).containsOnly(401);

		this.server.accept();

		assertThat(status("a")).isEqualTo(200);
	}

	@Test
	void forbidAnswers403WithInsufficientScope() {
		this.server.forbid("poor").forbidNext(1);

		HttpResponse<String> response = call("poor").join();

		assertThat(response.statusCode()).isEqualTo(403);
		assertThat(response.headers().firstValue("WWW-Authenticate"))
			.hasValueSatisfying((value) -> assertThat(value).contains("insufficient_scope"));
		assertThat(List.of(status("rich"), status("rich"))).containsExactly(403, 200);
	}

	@Test
	void activeTokensAsksAboutEachToken() {
		try (FakeAuthorizationServer authorization = FakeAuthorizationServer.start()) {
			this.server.activeTokens(authorization::isActive);
			IssuedGrant grant = authorization.issueGrant();

			assertThat(status(grant.accessToken())).isEqualTo(200);
			authorization.kill(grant.refreshToken());
			assertThat(status(grant.accessToken())).isEqualTo(401);
		}
	}

	@Test
	void holdDecidesOnArrivalAndAnswersOnRelease() {
		this.server.reject("old");
		Gate gate = this.server.hold();
		List<CompletableFuture<HttpResponse<String>>> calls = IntStream.range(0, 50)
			.mapToObj((i) -> call("old"))
			.toList();
		gate.awaitHeld(50);

		this.server.accept();

		assertThat(calls).allSatisfy((call) -> assertThat(call.join().statusCode()).isEqualTo(401));
		assertThat(this.server.answers(401)).isEqualTo(50);
		assertThat(status("old")).isEqualTo(200);
	}

	@Test
	void redirectAnswersWithLocation() {
		this.server.redirect("/moved", 307, "http://elsewhere.example/x");

		HttpResponse<String> response = this.client.get(this.server.uri("/moved"), "Authorization", "Bearer a").join();

		assertThat(response.statusCode()).isEqualTo(307);
		assertThat(response.headers().firstValue("Location")).hasValue("http://elsewhere.example/x");
	}

	private int status(String token) {
		return call(token).join().statusCode();
	}

	private CompletableFuture<HttpResponse<String>> call(String token) {
		return this.client.get(this.server.uri("/api"), "Authorization", "Bearer " + token);
	}

}
