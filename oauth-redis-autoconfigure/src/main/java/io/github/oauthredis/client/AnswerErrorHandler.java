package io.github.oauthredis.client;

import java.io.IOException;
import java.net.URI;
import java.time.Clock;

import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpInputMessage;
import org.springframework.http.HttpMethod;
import org.springframework.http.client.ClientHttpResponse;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.security.oauth2.core.OAuth2Error;
import org.springframework.security.oauth2.core.http.converter.OAuth2ErrorHttpMessageConverter;
import org.springframework.web.client.ResponseErrorHandler;

import io.github.oauthredis.resilience.RetryAfter;

/**
 * Turns every answer but success into a {@link TokenEndpointException}; a redirect is
 * none. Thread-safe.
 */
final class AnswerErrorHandler implements ResponseErrorHandler {

	private final OAuth2ErrorHttpMessageConverter converter = new OAuth2ErrorHttpMessageConverter();

	private final Clock clock;

	AnswerErrorHandler(Clock clock) {
		this.clock = clock;
	}

	@Override
	public boolean hasError(ClientHttpResponse response) throws IOException {
		return !response.getStatusCode().is2xxSuccessful();
	}

	@Override
	public void handleError(URI url, HttpMethod method, ClientHttpResponse response) throws IOException {
		String retryAfter = response.getHeaders().getFirst(HttpHeaders.RETRY_AFTER);
		throw new TokenEndpointException(response.getStatusCode().value(), code(response),
				RetryAfter.parse(retryAfter, this.clock.instant()));
	}

	@Nullable String code(HttpInputMessage response) {
		// The status says enough where the body is no OAuth2 error or cannot be read.
		try {
			OAuth2Error error = this.converter.read(OAuth2Error.class, response);
			return ErrorCode.of(error.getErrorCode());
		}
		catch (IOException | HttpMessageNotReadableException ex) {
			return null;
		}
	}

}
