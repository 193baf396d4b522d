package io.github.oauthredis.webhook;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;

import io.github.oauthredis.token.Subject;
import io.github.oauthredis.webhook.SignalRejectedException.Problem;
import io.github.oauthredis.webhook.SignalVerifier.Verified;

/**
 * Security event tokens (RFC 8417) of CAEP, RISC and OAuth by push (RFC 8935). Events of
 * other kinds are acknowledged and change nothing, those that name a token instead of its
 * user among them. Thread-safe; blocks while keys are
 * fetched.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class SecurityEventReceiver implements SignalReceiver {

	private static final MediaType CONTENT_TYPE = new MediaType("application", "secevent+jwt");

	private static final Set<String> TYPES = Set.of("secevent+jwt", "application/secevent+jwt");

	// Transmitters repeat what could not be delivered.
	private static final Duration LONGEST_AGE = Duration.ofDays(1);

	/**
	 * Kinds of events after which a grant must not be used.
	 */
	private static final Set<String> REVOKING = Stream
		.of("caep/event-type/session-revoked", "risc/event-type/sessions-revoked", "risc/event-type/account-disabled",
				"risc/event-type/account-purged", "risc/event-type/account-credential-change-required",
				"risc/event-type/credential-compromise", "oauth/event-type/tokens-revoked")
		.map((kind) -> "https://schemas.openid.net/secevent/" + kind)
		.collect(Collectors.toUnmodifiableSet());

	private final SignalVerifier verifier;

	private final @Nullable String bearerToken;

	/**
	 * Create a receiver.
	 * @param verifier knows the provider
	 * @param bearerToken what the sender must show; null for nothing
	 */
	public SecurityEventReceiver(SignalVerifier verifier, @Nullable String bearerToken) {
		this.verifier = verifier;
		this.bearerToken = bearerToken;
	}

	@Override
	public Signal receive(Delivery delivery) {
		SignalVerifier.require(isFromSender(delivery.headers().getFirst(HttpHeaders.AUTHORIZATION)), Problem.SENDER);
		SignalVerifier.require(LogoutReceiver.isOf(delivery, CONTENT_TYPE), Problem.MALFORMED);
		Verified token = this.verifier.verify(delivery.body(), TYPES, delivery.receivedAt(), LONGEST_AGE);
		SignalVerifier.require(!token.events().isEmpty(), Problem.CONTENT);
		List<String> kinds = new ArrayList<>();
		List<Subject> subjects = new ArrayList<>();
		for (Map.Entry<?, ?> event : token.events().entrySet()) {
			if (event.getKey() instanceof String kind && REVOKING.contains(kind)) {
				kinds.add(kind.substring(kind.lastIndexOf('/') + 1));
				Subject subject = subject(token, event.getValue());
				if (subject != null) {
					subjects.add(subject);
				}
			}
		}
		SignalVerifier.require(kinds.isEmpty() || !subjects.isEmpty(), Problem.SUBJECT);
		return new Signal(kinds.isEmpty() ? "" : kinds.get(0), token.id(), token.keepUntil(), subjects, null);
	}

	private boolean isFromSender(@Nullable String authorization) {
		return this.bearerToken == null || (authorization != null
				&& MessageDigest.isEqual(("Bearer " + this.bearerToken).getBytes(StandardCharsets.UTF_8),
						authorization.getBytes(StandardCharsets.UTF_8)));
	}

	private static @Nullable Subject subject(Verified token, @Nullable Object event) {
		Object stated = token.claims().get("sub_id");
		if (stated == null && event instanceof Map<?, ?> payload) {
			// Where it was before RFC 9493.
			stated = payload.get("subject");
		}
		if (stated instanceof Map<?, ?> several && several.get("user") instanceof Map<?, ?> user) {
			stated = user;
		}
		return (stated instanceof Map<?, ?> identifier) ? subject(token.issuer(), identifier) : null;
	}

	private static @Nullable Subject subject(String issuer, Map<?, ?> identifier) {
		Object format = identifier.containsKey("format") ? identifier.get("format") : identifier.get("subject_type");
		return switch (String.valueOf(format).replace('-', '_')) {
			case "iss_sub" -> issuer.equals(identifier.get("iss")) ? subject(Subject.SUB, identifier.get("sub")) : null;
			case "opaque" -> subject(Subject.SUB, identifier.get("id"));
			case "email" -> subject(Subject.EMAIL, identifier.get("email"));
			default -> null;
		};
	}

	private static @Nullable Subject subject(String claim, @Nullable Object value) {
		if (!(value instanceof String text) || text.isBlank()) {
			return null;
		}
		return new Subject(claim, claim.equals(Subject.EMAIL) ? text.toLowerCase(Locale.ROOT) : text);
	}

	@Override
	public int accepted() {
		return 202;
	}

	/**
	 * What is no mistake of the sender is acknowledged: it would be no better the next
	 * time.
	 */
	@Override
	public SignalReply rejected(Problem problem) {
		return switch (problem) {
			case SUBJECT -> SignalReply.of(202, null);
			case SENDER -> error("authentication_failed", "The transmitter is not known.");
			case SIGNATURE -> error("invalid_key", "The key is not accepted.");
			case ISSUER -> error("invalid_issuer", "The issuer is not accepted.");
			case AUDIENCE -> error("invalid_audience", "The audience is not accepted.");
			default -> error("invalid_request", "The token is not accepted.");
		};
	}

	private static SignalReply error(String code, String description) {
		return SignalReply.of(400, "{\"err\":\"%s\",\"description\":\"%s\"}".formatted(code, description));
	}

}
