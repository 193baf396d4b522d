package io.github.oauthredis.webhook;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

import org.assertj.core.api.Assertions;
import org.springframework.http.HttpHeaders;

import io.github.oauthredis.testkit.FakeIssuer;
import io.github.oauthredis.webhook.SignalRejectedException.Problem;

/**
 * Messages as providers send them.
 */
public final class Messages {

	static final String FORM = "application/x-www-form-urlencoded";

	static final String EVENT = "application/secevent+jwt";

	private Messages() {
	}

	static SignalVerifier verifier(FakeIssuer issuer) {
		JwkSetClient client = new JwkSetClient(Duration.ofSeconds(5), null);
		return new SignalVerifier(
				() -> new SignalVerifier.Source(issuer.issuer(), issuer.jwkSetUri().toString(), FakeIssuer.CLIENT_ID),
				client::fetch, Clock.systemUTC());
	}

	static Delivery delivery(String contentType, String body) {
		HttpHeaders headers = new HttpHeaders();
		headers.set(HttpHeaders.CONTENT_TYPE, contentType);
		return new Delivery(headers, body, Instant.now());
	}

	static Delivery logout(String token) {
		return delivery(FORM, form(token));
	}

	public static String form(String token) {
		return "logout_token=" + URLEncoder.encode(token, StandardCharsets.UTF_8);
	}

	public static HttpHeaders slack(String secret, Instant sentAt, String body) {
		HttpHeaders headers = new HttpHeaders();
		String timestamp = String.valueOf(sentAt.getEpochSecond());
		headers.set("X-Slack-Request-Timestamp", timestamp);
		headers.set("X-Slack-Signature", "v0=" + hmac(secret, "v0:" + timestamp + ":" + body));
		return headers;
	}

	private static String hmac(String secret, String text) {
		try {
			Mac mac = Mac.getInstance("HmacSHA256");
			mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
			return HexFormat.of().formatHex(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException(ex);
		}
	}

	static void assertProblem(Problem problem, Runnable receive) {
		Assertions.assertThatExceptionOfType(SignalRejectedException.class)
			.isThrownBy(receive::run)
			.satisfies((ex) -> Assertions.assertThat(ex.getProblem()).isEqualTo(problem));
	}

}
