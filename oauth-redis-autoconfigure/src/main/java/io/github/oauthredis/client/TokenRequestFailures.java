package io.github.oauthredis.client;

import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;

import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;

import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.security.oauth2.core.OAuth2AuthorizationException;
import org.springframework.web.client.RestClientException;
import org.springframework.web.client.RestClientResponseException;

import io.github.oauthredis.refresh.TokenRequestException;
import io.github.oauthredis.resilience.CallGuard.Outcome;
import io.github.oauthredis.resilience.RetryAfter;
import io.github.oauthredis.store.Failure;

/**
 * Tells what the failure of a token request means for the record. Passes on no exception
 * that may quote an answer. Pure.
 */
final class TokenRequestFailures {

	private static final String INVALID_ANSWER = "invalid_token_response";

	private final String registrationId;

	private final boolean refreshOfGrant;

	private final Instant now;

	/**
	 * Prepare to judge.
	 * @param registrationId id of the client registration
	 * @param refreshOfGrant whether the request presented the refresh token of a grant
	 * @param now the time from which a {@code Retry-After} date counts
	 */
	TokenRequestFailures(String registrationId, boolean refreshOfGrant, Instant now) {
		this.registrationId = registrationId;
		this.refreshOfGrant = refreshOfGrant;
		this.now = now;
	}

	TokenRequestException of(Throwable failure) {
		if (failure instanceof TokenRequestException known) {
			return known;
		}
		TokenEndpointException ours = find(failure, TokenEndpointException.class);
		if (ours != null) {
			return answered(ours.status(), ours.code(), ours.retryAfter());
		}
		RestClientResponseException theirs = find(failure, RestClientResponseException.class);
		if (theirs != null) {
			HttpHeaders headers = theirs.getResponseHeaders();
			String retryAfter = (headers != null) ? headers.getFirst(HttpHeaders.RETRY_AFTER) : null;
			return answered(theirs.getStatusCode().value(), null, RetryAfter.parse(retryAfter, this.now));
		}
		if (failure instanceof OAuth2AuthorizationException error
				&& !INVALID_ANSWER.equals(error.getError().getErrorCode())) {
			return answered(400, ErrorCode.of(error.getError().getErrorCode()), null);
		}
		if (failure instanceof IllegalArgumentException && !(failure instanceof InvalidMediaTypeException)) {
			return exception(Failure.Kind.CLEAR, "invalid_argument", "was not sent, its arguments are wrong", null,
					Outcome.NOT_SENT);
		}
		return interrupted(failure);
	}

	private TokenRequestException answered(int status, @Nullable String code, @Nullable Duration retryAfter) {
		String shown = (code != null) ? code : "http_" + status;
		if (status >= 200 && status < 300 && code == null) {
			return exception(Failure.Kind.AMBIGUOUS, "malformed_answer", "was answered without a token", null);
		}
		boolean fatal = status < 500 && status != 429 && this.refreshOfGrant && ErrorCode.refusesGrant(code);
		String what = "was refused with status " + status + ((code != null) ? " and error '" + code + "'" : "");
		return new TokenRequestException(fatal ? Failure.Kind.FATAL : kind(status), shown, message(what),
				(status == 429 || status == 503) ? retryAfter : null, null,
				(status < 500) ? Outcome.ANSWERED : Outcome.FAILED);
	}

	private static Failure.Kind kind(int status) {
		// A gateway that gave up waiting does not know what became of the request.
		boolean byServer = status < 500 || status == 500 || status == 501 || status == 503;
		return byServer ? Failure.Kind.CLEAR : Failure.Kind.AMBIGUOUS;
	}

	private TokenRequestException interrupted(Throwable failure) {
		// No answer, or none that can be read.
		Throwable unresolved = find(failure, UnresolvedAddressException.class);
		IOException io = find(failure, IOException.class);
		if (find(failure, BoundedAnswer.TooLongException.class) != null) {
			return exception(Failure.Kind.AMBIGUOUS, "malformed_answer", "was answered at too great a length", null);
		}
		if (unresolved != null || io instanceof ConnectException || io instanceof HttpConnectTimeoutException
				|| io instanceof UnknownHostException) {
			return exception(Failure.Kind.CLEAR, "unreachable", "was not sent, the server cannot be reached", io);
		}
		if (io instanceof SSLHandshakeException || io instanceof SSLPeerUnverifiedException) {
			return exception(Failure.Kind.CLEAR, "tls_failed", "was not sent, no TLS connection came about", io);
		}
		if (io instanceof HttpTimeoutException) {
			return exception(Failure.Kind.AMBIGUOUS, "timeout", "was not answered in time", io);
		}
		if (io instanceof SSLException) {
			return exception(Failure.Kind.AMBIGUOUS, "connection_closed", "lost its connection", io);
		}
		if (io != null) {
			return exception(Failure.Kind.AMBIGUOUS, "connection_closed", "lost its connection", null);
		}
		if (failure instanceof OAuth2AuthorizationException || failure instanceof InvalidMediaTypeException
				|| find(failure, RestClientException.class) != null) {
			return exception(Failure.Kind.AMBIGUOUS, "malformed_answer", "was answered in a form nobody can read",
					null);
		}
		return exception(Failure.Kind.AMBIGUOUS, "failed", "failed with " + failure.getClass().getName(), null);
	}

	private TokenRequestException exception(Failure.Kind kind, String code, String what, @Nullable Throwable cause) {
		return exception(kind, code, what, cause, Outcome.FAILED);
	}

	private TokenRequestException exception(Failure.Kind kind, String code, String what, @Nullable Throwable cause,
			Outcome outcome) {
		return new TokenRequestException(kind, code, message(what), null, cause, outcome);
	}

	private String message(String what) {
		return "Token request for registration '%s' %s".formatted(this.registrationId, what);
	}

	static <T extends Throwable> @Nullable T find(Throwable failure, Class<T> type) {
		Set<Throwable> seen = new HashSet<>();
		for (Throwable t = failure; t != null && seen.add(t); t = t.getCause()) {
			if (type.isInstance(t)) {
				return type.cast(t);
			}
		}
		return null;
	}

}
