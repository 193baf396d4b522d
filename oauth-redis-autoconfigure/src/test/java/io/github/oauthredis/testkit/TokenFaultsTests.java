package io.github.oauthredis.testkit;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JacksonException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link TokenFaults} and the gates of {@link FakeAuthorizationServer}.
 */
class TokenFaultsTests {

	private static final Duration BOUND = Duration.ofSeconds(20);

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start();

	private final TokenClient client = new TokenClient();

	@AfterEach
	void close() {
		this.server.close();
	}

	@Test
	void failNextRefusesSoManyRequestsAndProcessesNone() {
		this.server.rotateStrictly();
		IssuedGrant grant = this.server.issueGrant();
		this.server.faults().failNext(2, 429, "slow_down", "Wed, 21 Oct 2015 07:28:00 GMT");

		HttpResponse<String> first = this.client.refresh(this.server, grant.refreshToken()).join();
		HttpResponse<String> second = this.client.refresh(this.server, grant.refreshToken()).join();
		HttpResponse<String> third = this.client.refresh(this.server, grant.refreshToken()).join();

		assertThat(List.of(first.statusCode(), second.statusCode(), third.statusCode())).containsExactly(429, 429, 200);
		assertThat(first.headers().firstValue("Retry-After")).hasValue("Wed, 21 Oct 2015 07:28:00 GMT");
		assertThat(TokenClient.text(first, "error")).isEqualTo("slow_down");
		assertThat(this.server.presentations()).extracting(Presentation::status).containsExactly(429, 429, 200);
		assertThat(this.server.reuseEvents()).isZero();
	}

	@Test
	void failNextWhenStatusIs200AnswersAnErrorAsSuccess() {
		this.server.faults().failNext(1, 200, "bad_verification_code", null);

		HttpResponse<String> response = this.client.clientCredentials(this.server);

		assertThat(response.statusCode()).isEqualTo(200);
		assertThat(response.body()).isEqualTo("{\"error\":\"bad_verification_code\"}");
	}

	@Test
	void failAlwaysLastsUntilNone() {
		this.server.faults().failAlways(503, "temporarily_unavailable");
		assertThat(this.client.clientCredentials(this.server).statusCode()).isEqualTo(503);
		assertThat(this.client.clientCredentials(this.server).statusCode()).isEqualTo(503);

		this.server.faults().none();

		assertThat(this.client.clientCredentials(this.server).statusCode()).isEqualTo(200);
	}

	@Test
	void answerNextSendsAnyBody() {
		this.server.faults().answerNext(1, 502, Map.of("Content-Type", "text/html"), "<html>");

		HttpResponse<String> response = this.client.clientCredentials(this.server);

		assertThat(response.statusCode()).isEqualTo(502);
		assertThat(response.body()).isEqualTo("<html>");
	}

	@Test
	void delayAnswersLaterThanItIssues() {
		this.server.rotateStrictly().faults().delay(Duration.ofMillis(100));
		IssuedGrant grant = this.server.issueGrant();

		CompletableFuture<HttpResponse<String>> response = this.client.refresh(this.server, grant.refreshToken());
		Await.until(BOUND, () -> !this.server.isAlive(grant.refreshToken()));
		response.join();

		Presentation presentation = this.server.presentations().get(0);
		assertThat(presentation.answeredNanos() - presentation.receivedNanos())
			.isGreaterThanOrEqualTo(Duration.ofMillis(100).toNanos());
	}

	@Test
	void dripBodySendsTheWholeBodySlowly() {
		this.server.faults().dripBody(Duration.ofMillis(1));
		IssuedGrant grant = this.server.issueGrant();

		HttpResponse<String> response = this.client.refresh(this.server, grant.refreshToken()).join();

		assertThat(TokenClient.text(response, "refresh_token")).isEqualTo(grant.refreshToken());
		Presentation presentation = this.server.presentations().get(0);
		assertThat(presentation.answeredNanos() - presentation.receivedNanos())
			.isGreaterThan(Duration.ofMillis(response.body().length()).toNanos());
	}

	@Test
	void dropNextAnswersProcessesAndClosesTheConnection() {
		this.server.rotateStrictly().faults().dropNextAnswers(1);
		IssuedGrant grant = this.server.issueGrant();

		assertThatExceptionOfType(CompletionException.class)
			.isThrownBy(() -> this.client.refresh(this.server, grant.refreshToken()).join())
			.withCauseInstanceOf(IOException.class);

		assertThat(this.server.tokenRequests()).isOne();
		assertThat(this.server.currentRefreshToken(grant.family())).isNotEqualTo(grant.refreshToken());
		assertThat(this.server.presentations()).singleElement().matches(Presentation::answered);
	}

	@Test
	void padNextAnswersSendsValidJsonOfThatSize() {
		this.server.faults().padNextAnswers(1, 5_000_000);

		HttpResponse<String> response = this.client.clientCredentials(this.server);

		assertThat(response.body()).hasSize(5_000_000);
		assertThat(this.server.isActive(TokenClient.text(response, "access_token"))).isTrue();
	}

	@Test
	void garbleNextAnswersSendsInvalidJson() {
		this.server.faults().garbleNextAnswers(1);

		HttpResponse<String> response = this.client.clientCredentials(this.server);

		assertThat(response.statusCode()).isEqualTo(200);
		assertThatExceptionOfType(JacksonException.class).isThrownBy(() -> TokenClient.json(response));
	}

	@Test
	void holdParksRequestsBeforeTheyAreProcessed() {
		this.server.rotateStrictly();
		IssuedGrant grant = this.server.issueGrant();
		Gate gate = this.server.hold();

		CompletableFuture<HttpResponse<String>> response = this.client.refresh(this.server, grant.refreshToken());
		gate.awaitHeld(1);

		assertThat(this.server.isAlive(grant.refreshToken())).isTrue();
		assertThat(this.server.presentations()).singleElement().matches((presentation) -> !presentation.answered());
		gate.release();
		assertThat(response.join().statusCode()).isEqualTo(200);
	}

	@Test
	void holdAnswersParksWhenTokensAreRotated() {
		this.server.rotateStrictly();
		IssuedGrant grant = this.server.issueGrant();
		Gate gate = this.server.holdAnswers();

		CompletableFuture<HttpResponse<String>> response = this.client.refresh(this.server, grant.refreshToken());
		gate.awaitHeld(1);
		String rotated = this.server.currentRefreshToken(grant.family());

		assertThat(rotated).isNotEqualTo(grant.refreshToken());
		assertThat(response).isNotDone();
		gate.releaseOne();
		assertThat(TokenClient.text(response.join(), "refresh_token")).isEqualTo(rotated);
	}

	@Test
	void holdWhenGivenAPredicateLetsOthersPass() {
		Gate gate = this.server.hold((request) -> "refresh_token".equals(request.grantType()));

		CompletableFuture<HttpResponse<String>> held = this.client.refresh(this.server,
				this.server.issueGrant().refreshToken());
		gate.awaitHeld(1);

		assertThat(this.client.clientCredentials(this.server).statusCode()).isEqualTo(200);
		assertThat(held).isNotDone();
		gate.release();
		held.join();
	}

	@Test
	void maxOverlapCountsPresentationsOfOneTokenAtOnce() {
		IssuedGrant grant = this.server.issueGrant();
		IssuedGrant other = this.server.issueGrant();
		Gate gate = this.server.hold();

		List<CompletableFuture<HttpResponse<String>>> responses = Stream
			.of(grant.refreshToken(), grant.refreshToken(), grant.refreshToken(), other.refreshToken())
			.map((refreshToken) -> this.client.refresh(this.server, refreshToken))
			.toList();
		gate.awaitHeld(4);
		gate.release();
		responses.forEach(CompletableFuture::join);

		assertThat(this.server.maxOverlap()).isEqualTo(3);
		assertThat(this.server.maxOverlap(Duration.ofNanos(1))).isOne();
		assertThat(this.server.presentations(grant.refreshToken())).hasSize(3);
	}

	@Test
	void maxOverlapWhenPresentationsFollowOneAnotherIsOne() {
		IssuedGrant grant = this.server.issueGrant();

		for (int i = 0; i < 200; i++) {
			this.client.refresh(this.server, grant.refreshToken()).join();
		}

		assertThat(this.server.maxOverlap()).isOne();
		assertThat(this.server.presentations(grant.refreshToken())).hasSize(200);
	}

}
