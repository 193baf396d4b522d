package io.github.oauthredis.webhook;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

import io.github.oauthredis.testkit.FakeIssuer;
import io.github.oauthredis.testkit.Hostile;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whatever is sent to a receiver, it is believed only if its sender signed it, and is
 * else refused as documented.
 */
class HostileMessageTests {

	private static final FakeIssuer issuer = FakeIssuer.start();

	private static final String SECRET = "agreed";

	private static final List<String> MEMBERS = List.of("type", "event", "event_id", "team_id", "tokens", "oauth",
			"bot", "challenge", "user");

	private static final List<String> CLAIMS = List.of("iss", "aud", "iat", "exp", "jti", "sub", "sid", "sub_id",
			"events", "nonce");

	private final SignalVerifier verifier = Messages.verifier(issuer);

	private final List<SignalReceiver> receivers = List.of(new LogoutReceiver(this.verifier),
			new SecurityEventReceiver(this.verifier, null), new WebhookReceiver(new SlackWebhook(), SECRET));

	@AfterAll
	static void close() {
		issuer.close();
	}

	@Test
	void messageThatNobodySignedIsRefused() {
		Hostile.each(4000, (hostile) -> {
			String body = text(hostile);
			Delivery delivery = Messages.delivery(
					hostile
						.pick(List.of(Messages.FORM, Messages.EVENT, "application/json", "x", "text/plain;charset=?")),
					hostile.maybe() ? Messages.form(body) : body);
			delivery.headers().set("X-Slack-Request-Timestamp", hostile.maybe() ? now() : hostile.text());
			delivery.headers().set("X-Slack-Signature", hostile.text());

			assertThat(receive(hostile.pick(this.receivers), delivery)).isNull();
		});
	}

	@Test
	void tokenThatWasChangedIsRefused() {
		String logout = issuer.token("logout+jwt", "events",
				Map.of("http://schemas.openid.net/event/backchannel-logout", Map.of()));
		LogoutReceiver receiver = new LogoutReceiver(this.verifier);
		assertThat(receive(receiver, Messages.logout(logout))).isNotNull();
		Hostile.each(1000, (hostile) -> {
			String changed = new String(hostile.damaged(logout), StandardCharsets.UTF_8);
			boolean same = payload(changed).equals(payload(logout));

			assertThat(same || receive(receiver, Messages.logout(changed)) == null).as(changed).isTrue();
		});
	}

	@Test
	void tokenWithAnyClaimsIsReadOrRefused() {
		Hostile.each(300, (hostile) -> {
			Map<String, Object> claims = issuer.claims("events",
					Map.of("http://schemas.openid.net/event/backchannel-logout", Map.of(),
							"https://schemas.openid.net/secevent/caep/event-type/session-revoked", value(hostile, 0)));
			for (int i = hostile.number(4); i > 0; i--) {
				claims.put(hostile.pick(CLAIMS), value(hostile, 0));
			}
			String token = FakeIssuer.sign(issuer.key(), hostile.maybe() ? "logout+jwt" : "secevent+jwt", claims);

			for (Delivery delivery : List.of(Messages.logout(token), Messages.delivery(Messages.EVENT, token))) {
				for (SignalReceiver receiver : this.receivers) {
					Signal signal = receive(receiver, delivery);
					if (signal != null) {
						assertThat(signal.id()).isNotBlank();
						assertThat(signal.subjects()).noneMatch((subject) -> subject.value().isEmpty());
						assertThat(signal.keepUntil()).isBefore(Instant.now().plusSeconds(90_000));
					}
				}
			}
		});
	}

	@Test
	void webhookThatIsSignedIsReadOrRefused() {
		WebhookReceiver receiver = new WebhookReceiver(new SlackWebhook(), SECRET);
		int[] read = new int[1];
		Hostile.each(4000, (hostile) -> {
			String body = new String(hostile.damaged(text(hostile)), StandardCharsets.UTF_8);

			Signal signal = receive(receiver,
					new Delivery(Messages.slack(SECRET, Instant.now(), body), body, Instant.now()));

			if (signal != null) {
				read[0]++;
				assertThat(signal.subjects().isEmpty() || !signal.id().isEmpty()).isTrue();
			}
		});
		assertThat(read[0]).isPositive();
	}

	private static Signal receive(SignalReceiver receiver, Delivery delivery) {
		try {
			return receiver.receive(delivery);
		}
		catch (SignalRejectedException ex) {
			SignalReply reply = receiver.rejected(ex.getProblem());
			assertThat(reply.status()).isBetween(200, 499);
			assertThat(reply.body() + ex).doesNotContain(Hostile.CANARY);
			return null;
		}
	}

	private static String text(Hostile hostile) {
		return switch (hostile.number(4)) {
			case 0 -> hostile.text();
			case 1 -> hostile.text() + "." + hostile.text() + "." + hostile.text();
			default -> hostile.json(MEMBERS);
		};
	}

	private static Object value(Hostile hostile, int depth) {
		return switch (hostile.number((depth < 3) ? 7 : 5)) {
			case 0 -> hostile.text();
			case 1 -> hostile.number(2_000_000_000);
			case 2 -> hostile.pick(List.<Object>of(true, -1, 1e300, Long.MAX_VALUE, Long.MIN_VALUE, "0"));
			case 3 -> issuer.issuer();
			case 4 -> "alice";
			case 5 -> {
				List<Object> values = new ArrayList<>();
				for (int i = hostile.number(3); i > 0; i--) {
					values.add(value(hostile, depth + 1));
				}
				yield values;
			}
			default -> {
				Map<String, Object> values = new HashMap<>();
				for (int i = hostile.number(5); i > 0; i--) {
					values.put(hostile.pick(List.of("format", "iss", "sub", "id", "email", "user", "subject", "x")),
							value(hostile, depth + 1));
				}
				yield values;
			}
		};
	}

	private static String payload(String token) {
		String[] parts = token.split("\\.", -1);
		return (parts.length == 3) ? parts[0] + parts[1] : "";
	}

	private static String now() {
		return Long.toString(Instant.now().getEpochSecond());
	}

}
