package io.github.oauthredis.webhook;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import io.github.oauthredis.token.Subject;
import io.github.oauthredis.webhook.SignalRejectedException.Problem;

/**
 * Events of Slack: {@code tokens_revoked} names users, {@code app_uninstalled} a
 * workspace, whose grant is the one saved under its id as principal name. Other events
 * are acknowledged and change nothing. Thread-safe.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class SlackWebhook implements WebhookProvider {

	private static final Duration LONGEST_AGE = Duration.ofMinutes(5);

	// Slack repeats an event for about an hour, each time with a new signature.
	private static final Duration REPEATED = Duration.ofDays(1);

	private static final JsonMapper JSON = JsonMapper.builder().build();

	@Override
	public String name() {
		return "slack";
	}

	@Override
	public Signal receive(Delivery delivery, String secret) {
		String timestamp = delivery.headers().getFirst("X-Slack-Request-Timestamp");
		String signature = delivery.headers().getFirst("X-Slack-Signature");
		SignalVerifier.require(timestamp != null && signature != null, Problem.SIGNATURE);
		String signed = "v0=" + hmac(secret, "v0:" + timestamp + ":" + delivery.body());
		SignalVerifier.require(MessageDigest.isEqual(bytes(signed), bytes(String.valueOf(signature))),
				Problem.SIGNATURE);
		SignalVerifier.require(isRecent(String.valueOf(timestamp), delivery.receivedAt()), Problem.TIME);
		JsonNode body = parse(delivery.body());
		String challenge = body.path("type").asString("").equals("url_verification")
				? JSON.createObjectNode().put("challenge", body.path("challenge").asString("")).toString() : null;
		JsonNode event = body.path("event");
		String id = body.path("event_id").asString("");
		List<Subject> subjects = subjects(body, event);
		SignalVerifier.require(subjects.isEmpty() || !id.isEmpty(), Problem.MALFORMED);
		return new Signal(subjects.isEmpty() ? "" : event.path("type").asString(""), id,
				delivery.receivedAt().plus(REPEATED), subjects, challenge);
	}

	private static List<Subject> subjects(JsonNode body, JsonNode event) {
		List<Subject> subjects = new ArrayList<>();
		switch (event.path("type").asString("")) {
			case "tokens_revoked" -> List.of("oauth", "bot")
				.forEach((kind) -> event.path("tokens").path(kind).forEach((user) -> add(subjects, user)));
			case "app_uninstalled" -> add(subjects, body.path("team_id"));
			default -> {
			}
		}
		return subjects;
	}

	private static void add(List<Subject> subjects, JsonNode id) {
		if (id.isString() && !id.asString().isBlank()) {
			subjects.add(new Subject(Subject.SUB, id.asString()));
		}
	}

	private static boolean isRecent(String timestamp, Instant now) {
		try {
			Instant sentAt = Instant.ofEpochSecond(Long.parseLong(timestamp));
			return Duration.between(sentAt, now).abs().compareTo(LONGEST_AGE) <= 0;
		}
		catch (NumberFormatException | DateTimeException | ArithmeticException ex) {
			return false;
		}
	}

	private static JsonNode parse(String body) {
		try {
			return JSON.readTree(body);
		}
		catch (JacksonException ex) {
			throw new SignalRejectedException(Problem.MALFORMED);
		}
	}

	private static String hmac(String secret, String text) {
		try {
			Mac mac = Mac.getInstance("HmacSHA256");
			mac.init(new SecretKeySpec(bytes(secret), "HmacSHA256"));
			return HexFormat.of().formatHex(mac.doFinal(bytes(text)));
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException("Every Java platform has HMAC-SHA-256", ex);
		}
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

}
