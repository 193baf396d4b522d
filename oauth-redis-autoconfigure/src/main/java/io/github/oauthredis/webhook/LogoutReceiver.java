package io.github.oauthredis.webhook;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;

import io.github.oauthredis.token.Subject;
import io.github.oauthredis.webhook.SignalRejectedException.Problem;
import io.github.oauthredis.webhook.SignalVerifier.Verified;

/**
 * Logouts by OpenID Connect Back-Channel Logout 1.0. Thread-safe; blocks while keys are
 * fetched.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class LogoutReceiver implements SignalReceiver {

	private static final String EVENT = "http://schemas.openid.net/event/backchannel-logout";

	// Stating the type is only recommended; what tells a logout token from others is what
	// it must and must not claim.
	private static final Set<String> TYPES = Set.of("logout+jwt", "application/logout+jwt", "jwt", "");

	private static final Duration LONGEST_AGE = Duration.ofMinutes(10);

	private static final String PARAMETER = "logout_token=";

	private final SignalVerifier verifier;

	/**
	 * Create a receiver.
	 * @param verifier knows the provider
	 */
	public LogoutReceiver(SignalVerifier verifier) {
		this.verifier = verifier;
	}

	@Override
	public Signal receive(Delivery delivery) {
		Verified token = this.verifier.verify(token(delivery), TYPES, delivery.receivedAt(), LONGEST_AGE);
		SignalVerifier.require(token.claims().containsKey("exp"), Problem.TIME);
		SignalVerifier.require(token.events().get(EVENT) instanceof Map, Problem.CONTENT);
		List<Subject> subjects = new ArrayList<>();
		for (String claim : List.of(Subject.SUB, Subject.SID)) {
			if (token.claims().get(claim) instanceof String value && !value.isEmpty()) {
				subjects.add(new Subject(claim, value));
			}
		}
		SignalVerifier.require(!subjects.isEmpty(), Problem.SUBJECT);
		return new Signal("backchannel-logout", token.id(), token.keepUntil(), subjects, null);
	}

	private static String token(Delivery delivery) {
		SignalVerifier.require(isOf(delivery, MediaType.APPLICATION_FORM_URLENCODED), Problem.MALFORMED);
		List<String> tokens = Stream.of(delivery.body().split("&"))
			.filter((parameter) -> parameter.startsWith(PARAMETER))
			.toList();
		SignalVerifier.require(tokens.size() == 1, Problem.MALFORMED);
		try {
			return URLDecoder.decode(tokens.get(0).substring(PARAMETER.length()), StandardCharsets.UTF_8);
		}
		catch (IllegalArgumentException ex) {
			throw new SignalRejectedException(Problem.MALFORMED);
		}
	}

	static boolean isOf(Delivery delivery, MediaType type) {
		try {
			MediaType stated = delivery.headers().getContentType();
			return stated != null && stated.equalsTypeAndSubtype(type);
		}
		catch (InvalidMediaTypeException ex) {
			return false;
		}
	}

	@Override
	public int accepted() {
		return 200;
	}

	@Override
	public SignalReply rejected(Problem problem) {
		return SignalReply.of(400, "{\"error\":\"invalid_request\"}");
	}

}
