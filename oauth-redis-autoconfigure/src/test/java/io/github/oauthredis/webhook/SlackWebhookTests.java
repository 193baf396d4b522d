package io.github.oauthredis.webhook;

import java.time.Duration;
import java.time.Instant;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.http.HttpHeaders;

import io.github.oauthredis.token.Subject;
import io.github.oauthredis.webhook.SignalRejectedException.Problem;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link SlackWebhook}.
 */
class SlackWebhookTests {

	private static final String SECRET = "8f742231b10e8888abcd99yyyzzz85a5";

	private static final String REVOKED = "{\"type\":\"event_callback\",\"team_id\":\"T1\",\"event_id\":\"Ev1\","
			+ "\"event\":{\"type\":\"tokens_revoked\",\"tokens\":{\"oauth\":[\"U1\",\"U2\"],\"bot\":[\"B1\"]}}}";

	private final SlackWebhook slack = new SlackWebhook();

	@Test
	void receiveWhenSignedAsSlackDocumentsIsBelieved() {
		// The example of Slack's documentation of signed secrets.
		String body = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
				+ "&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
				+ "&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
				+ "&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
		HttpHeaders headers = new HttpHeaders();
		headers.set("X-Slack-Request-Timestamp", "1531420618");
		headers.set("X-Slack-Signature", "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503");

		// Past the signature: no JSON.
		Messages.assertProblem(Problem.MALFORMED,
				() -> this.slack.receive(new Delivery(headers, body, Instant.ofEpochSecond(1531420618)), SECRET));
	}

	@Test
	void receiveWhenTokensAreRevokedNamesTheirUsers() {
		Signal signal = receive(REVOKED);

		assertThat(signal.name()).isEqualTo("tokens_revoked");
		assertThat(signal.id()).isEqualTo("Ev1");
		assertThat(signal.subjects()).containsExactly(new Subject("sub", "U1"), new Subject("sub", "U2"),
				new Subject("sub", "B1"));
	}

	@Test
	void receiveWhenUninstalledNamesTheWorkspace() {
		assertThat(receive("{\"type\":\"event_callback\",\"team_id\":\"T1\",\"event_id\":\"Ev1\","
				+ "\"event\":{\"type\":\"app_uninstalled\"}}")
			.subjects()).containsExactly(new Subject("sub", "T1"));
	}

	@Test
	void receiveWhenAddressIsVerifiedReturnsTheChallenge() {
		Signal signal = receive("{\"type\":\"url_verification\",\"challenge\":\"3eZbrw\\\"\"}");

		assertThat(signal.answer()).isEqualTo("{\"challenge\":\"3eZbrw\\\"\"}");
		assertThat(signal.subjects()).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "{}", "[]", "1", "{\"event\":{\"type\":\"message\"}}", "{\"event\":[]}",
			"{\"event\":{\"type\":\"tokens_revoked\"}}", "{\"event\":{\"type\":\"tokens_revoked\",\"tokens\":[]}}",
			"{\"event\":{\"type\":\"tokens_revoked\",\"tokens\":{\"oauth\":[1,null,\" \",{}]}}}" })
	void receiveWhenNothingIsRevokedReturnsNothingToDo(String body) {
		assertThat(receive(body).subjects()).isEmpty();
		assertThat(receive(body).answer()).isNull();
	}

	@Test
	void receiveWhenGarbageFails() {
		for (String body : new String[] { "{", "[".repeat(60_000),
				"{\"event\":{\"type\":\"app_uninstalled\"},\"team_id\":\"T\"}" }) {
			Messages.assertProblem(Problem.MALFORMED, () -> receive(body));
		}
	}

	@Test
	void receiveWhenNotSignedBySlackFails() {
		Instant now = Instant.now();
		HttpHeaders other = Messages.slack("other", now, REVOKED);
		HttpHeaders otherBody = Messages.slack(SECRET, now, REVOKED + " ");
		HttpHeaders otherTime = Messages.slack(SECRET, now, REVOKED);
		otherTime.set("X-Slack-Request-Timestamp", String.valueOf(now.plusSeconds(1).getEpochSecond()));
		HttpHeaders none = Messages.slack(SECRET, now, REVOKED);
		none.remove("X-Slack-Signature");

		for (HttpHeaders headers : new HttpHeaders[] { other, otherBody, otherTime, none, new HttpHeaders() }) {
			Messages.assertProblem(Problem.SIGNATURE,
					() -> this.slack.receive(new Delivery(headers, REVOKED, now), SECRET));
		}
	}

	@Test
	void receiveWhenTooOldOrFromTheFutureFails() {
		Instant sentAt = Instant.now();
		HttpHeaders headers = Messages.slack(SECRET, sentAt, REVOKED);

		for (Duration age : new Duration[] { Duration.ofSeconds(302), Duration.ofSeconds(-302) }) {
			Messages.assertProblem(Problem.TIME,
					() -> this.slack.receive(new Delivery(headers, REVOKED, sentAt.plus(age)), SECRET));
		}
		assertThat(this.slack.receive(new Delivery(headers, REVOKED, sentAt.plusSeconds(298)), SECRET).subjects())
			.isNotEmpty();
	}

	private Signal receive(String body) {
		Instant now = Instant.now();
		return this.slack.receive(new Delivery(Messages.slack(SECRET, now, body), body, now), SECRET);
	}

}
