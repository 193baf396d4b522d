package io.github.oauthredis.client;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;
import org.springframework.security.oauth2.client.endpoint.AbstractOAuth2AuthorizationGrantRequest;
import org.springframework.security.oauth2.client.endpoint.OAuth2AccessTokenResponseClient;
import org.springframework.security.oauth2.client.endpoint.ReactiveOAuth2AccessTokenResponseClient;
import org.springframework.security.oauth2.core.endpoint.OAuth2AccessTokenResponse;

/**
 * Sends token requests of one grant type.
 *
 * @param <R> type of the request
 * @param ours whether our own converter reads the answers
 * @param send sends one; may block, because the engine calls on a thread of its own
 */
record TokenCall<R extends AbstractOAuth2AuthorizationGrantRequest>(boolean ours,
		Function<R, CompletionStage<OAuth2AccessTokenResponse>> send) {

	static <R extends AbstractOAuth2AuthorizationGrantRequest> TokenCall<R> choose(
			@Nullable OAuth2AccessTokenResponseClient<R> blocking,
			@Nullable ReactiveOAuth2AccessTokenResponseClient<R> reactive,
			Function<R, OAuth2AccessTokenResponse> ours) {
		// Choose who sends: the application's own client goes before ours.
		if (blocking != null) {
			return new TokenCall<>(false,
					(request) -> CompletableFuture.completedFuture(blocking.getTokenResponse(request)));
		}
		if (reactive != null) {
			return new TokenCall<>(false, (request) -> reactive.getTokenResponse(request).toFuture());
		}
		return new TokenCall<>(true, (request) -> CompletableFuture.completedFuture(ours.apply(request)));
	}

}
