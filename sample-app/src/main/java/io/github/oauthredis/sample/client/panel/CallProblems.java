package io.github.oauthredis.sample.client.panel;

import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.security.oauth2.client.ClientAuthorizationRequiredException;
import org.springframework.security.oauth2.core.OAuth2AuthorizationException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.client.RestClientException;

/**
 * Tells the page why a call failed.
 *
 * @author OAuth Redis
 */
@RestControllerAdvice
class CallProblems {

	@ExceptionHandler
	ProblemDetail onLoginNeeded(ClientAuthorizationRequiredException ex) throws ClientAuthorizationRequiredException {
		// Spring Security answers this one: it sends the browser to the login.
		throw ex;
	}

	@ExceptionHandler
	ProblemDetail onNoToken(OAuth2AuthorizationException ex) {
		return ProblemDetail.forStatusAndDetail(HttpStatus.BAD_GATEWAY, describe(ex));
	}

	@ExceptionHandler
	ProblemDetail onFailedCall(RestClientException ex) {
		return ProblemDetail.forStatusAndDetail(HttpStatus.BAD_GATEWAY, describe(ex));
	}

	static String describe(@Nullable Throwable ex) {
		if (ex == null) {
			return "unknown";
		}
		String message = ex.getMessage();
		return (message != null) ? message : ex.getClass().getSimpleName();
	}

}
