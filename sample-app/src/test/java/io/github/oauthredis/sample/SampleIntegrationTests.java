package io.github.oauthredis.sample;

import java.net.URI;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.StreamSupport;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

import io.github.oauthredis.sample.launcher.Part;
import io.github.oauthredis.sample.launcher.Sample;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Starts the whole sample on free ports and uses it over HTTP.
 *
 * @author OAuth Redis
 */
class SampleIntegrationTests {

	private static final Duration BOUND = Duration.ofSeconds(15);

	private static Sample sample;

	private static URI first;

	private static URI second;

	private final Visitor visitor = new Visitor();

	@BeforeAll
	static void startSample() {
		sample = Sample.start("--sample.authorization-server.port=0", "--sample.api.port=0",
				"--sample.instance-1.port=0", "--sample.instance-2.port=0", "--sample.outage=6s");
		first = sample.uri(Part.INSTANCE_1);
		second = sample.uri(Part.INSTANCE_2);
	}

	@AfterAll
	static void stopSample() {
		if (sample != null) {
			sample.close();
		}
	}

	@BeforeEach
	void logInAtFirstInstance() {
		this.visitor.logIn(first);
	}

	@Test
	void loginWhenPasswordIsWrongShowsError() {
		Visitor stranger = new Visitor();

		HttpResponse<String> answer = stranger.submit(stranger.requestLogin(first), "alice", "wrong");

		assertThat(answer.body()).contains("do not match");
		assertThat(stranger.panel(first).get("user").isNull()).isTrue();
	}

	@Test
	void loginAtSecondInstanceWhenLoggedInAtFirstNeedsNoForm() {
		HttpResponse<String> answer = this.visitor.requestLogin(second);

		assertThat(answer.uri().getPort()).isEqualTo(second.getPort());
		assertThat(this.visitor.panel(second).get("user").asString()).isEqualTo("alice");
	}

	@Test
	void logoutWhenTokenWasRefreshedEndsBothSessions() {
		expireUserToken(first);
		this.visitor.post(first, "/user/call");

		this.visitor.logOut(first);

		assertThat(this.visitor.panel(first).get("user").isNull()).isTrue();
		assertThat(this.visitor.requestLogin(first).uri().getPath()).isEqualTo("/login");
	}

	@Test
	void callAsUserWhenLoggedInIsAnswered() {
		JsonNode answer = this.visitor.post(first, "/user/call");

		assertThat(answer.get("message").asString()).isEqualTo("Hello, user alice.");
	}

	@Test
	void callAsServiceWhenNobodyIsLoggedInIsAnswered() {
		JsonNode answer = new Visitor().post(first, "/service/call");

		assertThat(answer.get("message").asString()).isEqualTo("Hello, service demo-service.");
	}

	@Test
	void callAsServiceWhenOtherInstanceHasTokenUsesTheSame() {
		JsonNode atFirst = this.visitor.post(first, "/service/call");

		JsonNode atSecond = this.visitor.post(second, "/service/call");

		assertThat(atSecond.get("token")).isEqualTo(atFirst.get("token"));
	}

	@Test
	void revokeAtOneInstanceTakesTheTokenFromTheOther() {
		JsonNode before = this.visitor.post(second, "/service/call");

		this.visitor.post(first, "/service/revoke");

		assertThat(this.visitor.post(second, "/service/call").get("token")).isNotEqualTo(before.get("token"));
	}

	@Test
	void revokeUserTokenAsksForALoginAtBothInstances() {
		this.visitor.requestLogin(second);
		this.visitor.post(second, "/user/call");

		this.visitor.post(first, "/user/revoke");

		HttpResponse<String> answer = this.visitor.requestPost(second, "/user/call");
		assertThat(answer.previousResponse()).as("sent to the login").isPresent();
		this.visitor.requestLogin(second);
		assertThat(this.visitor.post(second, "/user/call").get("message").asString()).isEqualTo("Hello, user alice.");
	}

	@Test
	void callWhenCsrfTokenIsMissingIsForbidden() {
		assertThat(this.visitor.postWithoutCsrf(first, "/service/call").statusCode()).isEqualTo(403);
		assertThat(this.visitor.postWithoutCsrf(first, "/user/expire").statusCode()).isEqualTo(403);
	}

	@Test
	void raceWhenTokenWasCutSendsOneTokenRequest() {
		expireUserToken(first);

		JsonNode race = this.visitor.post(first, "/user/race");

		assertThat(race.get("calls").get("failures").asInt()).as(race.toString()).isZero();
		assertThat(race.get("calls").get("tokens")).hasSize(1);
		assertThat(tokenRequests(race)).isOne();
		assertThat(race.get("loginKept").asBoolean()).isTrue();
	}

	@Test
	void stockRaceWhenTokenWasCutFailsAndLeavesTheRealLoginAlone() {
		JsonNode before = this.visitor.post(first, "/user/call");
		this.visitor.get(first, "/stock/authorization/demo-stock");
		this.visitor.post(first, "/stock/expire");
		awaitEnd(first, "demo-stock");

		JsonNode race = this.visitor.post(first, "/stock/race");

		assertThat(tokenRequests(race)).as(race.toString()).isGreaterThan(1);
		assertThat(race.get("calls").get("failures").asInt()).as(race.toString()).isPositive();
		assertThat(this.visitor.post(first, "/user/call").get("token")).isEqualTo(before.get("token"));
	}

	@Test
	void stockRaceWhenNobodyIsLoggedInAsksForLogin() {
		Visitor stranger = new Visitor();

		assertThat(stranger.get(first, "/stock/authorized").uri().getPath()).isEqualTo("/login");
	}

	@Test
	void outageStopsRedisAndReportsWhatCallersNotice() {
		this.visitor.post(first, "/user/outage");

		Awaitility.await().atMost(BOUND).until(() -> this.visitor.panel(second).get("problems").size() == 1);
		Awaitility.await().atMost(BOUND).until(() -> !outage().get("running").asBoolean());

		JsonNode report = outage();
		assertThat(report.get("problem").isNull()).as(report.toString()).isTrue();
		assertThat(report.get("waiting").asInt()).isZero();
		assertThat(report.get("calls").get("failures").asInt()).as(report.toString()).isZero();
		assertThat(report.get("seconds")).hasSize(9);
		Awaitility.await().atMost(BOUND).until(() -> this.visitor.panel(second).get("problems").isEmpty());
	}

	private JsonNode outage() {
		return this.visitor.getJson(first, "/user/outage");
	}

	private static long tokenRequests(JsonNode race) {
		return race.get("requestsAfter").asLong() - race.get("requestsBefore").asLong();
	}

	@Test
	void callAtSecondInstanceWhenFirstRefreshedUsesNewToken() {
		this.visitor.requestLogin(second);
		expireUserToken(first);

		JsonNode atFirst = this.visitor.post(first, "/user/call");
		JsonNode atSecond = this.visitor.post(second, "/user/call");

		assertThat(atSecond.get("token")).isEqualTo(atFirst.get("token"));
	}

	@Test
	void panelWhenTokenWasRefreshedNamesTheInstance() {
		expireUserToken(first);
		this.visitor.post(first, "/user/call");

		Awaitility.await().atMost(BOUND).untilAsserted(() -> {
			JsonNode newest = this.visitor.panel(second).get("requests").get(0);
			assertThat(newest.get("request").get("grantType").asString()).isEqualTo("refresh_token");
			assertThat(newest.get("instance").asString()).isEqualTo("instance-1");
		});
	}

	@Test
	void panelWhenLoggedInShowsSealedRecord() {
		JsonNode keys = this.visitor.panel(first).get("keys");

		assertThat(StreamSupport.stream(keys.spliterator(), false)).anySatisfy((key) -> {
			assertThat(key.get("key").asString()).startsWith("oauth-redis:{demo-web~");
			assertThat(key.get("sealed").asString()).isNotEmpty();
			assertThat(key.get("ttlMillis").asLong()).isPositive();
		});
	}

	private void expireUserToken(URI instance) {
		this.visitor.post(instance, "/user/expire");
		awaitEnd(instance, "demo-web");
	}

	private void awaitEnd(URI instance, String client) {
		Awaitility.await().atMost(BOUND).until(() -> {
			JsonNode panel = this.visitor.panel(instance);
			Instant now = Instant.parse(panel.get("now").asString());
			return StreamSupport.stream(panel.get("tokens").spliterator(), false)
				.filter((token) -> token.get("client").asString().equals(client))
				.allMatch((token) -> Instant.parse(token.get("expiresAt").asString()).isBefore(now));
		});
	}

}
