package io.github.oauthredis.http;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.client.OAuth2AuthorizeRequest;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.ReactiveOAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.OAuth2AccessToken;
import reactor.core.publisher.Mono;

import io.github.oauthredis.refresh.RequestAttributes;

/**
 * A manager with one token for everybody, {@code token-1} at first. Like ours, it renews
 * the token only if the refused one is the current one. Thread-safe.
 */
final class FakeTokens implements OAuth2AuthorizedClientManager {

	private final List<OAuth2AuthorizeRequest> requests = new CopyOnWriteArrayList<>();

	private final AtomicInteger generation = new AtomicInteger(1);

	private volatile Function<String, String> renewal = (refused) -> {
		int current = this.generation.get();
		if (refused.equals("token-" + current)) {
			this.generation.compareAndSet(current, current + 1);
		}
		return "token-" + this.generation.get();
	};

	private volatile Function<OAuth2AuthorizeRequest, @Nullable String> source = (request) -> "token-"
			+ this.generation.get();

	/**
	 * Answer plain questions so.
	 * @param source returns a token value, null or throws
	 * @return this manager
	 */
	FakeTokens source(Function<OAuth2AuthorizeRequest, @Nullable String> source) {
		this.source = source;
		return this;
	}

	/**
	 * Answer reports of refused tokens so.
	 * @param renewal takes the refused value; returns another, null or throws
	 * @return this manager
	 */
	FakeTokens renewal(Function<String, String> renewal) {
		this.renewal = renewal;
		return this;
	}

	FakeTokens generation(int generation) {
		this.generation.set(generation);
		return this;
	}

	int generation() {
		return this.generation.get();
	}

	List<OAuth2AuthorizeRequest> requests() {
		return this.requests;
	}

	List<String> refused() {
		return this.requests.stream()
			.filter((request) -> request.getAttribute(RequestAttributes.REFUSED_TOKEN) != null)
			.map((request) -> request.<String>getAttribute(RequestAttributes.REFUSED_TOKEN))
			.toList();
	}

	Authentication principal() {
		return this.requests.get(0).getPrincipal();
	}

	@Override
	public @Nullable OAuth2AuthorizedClient authorize(OAuth2AuthorizeRequest request) {
		this.requests.add(request);
		String refused = request.getAttribute(RequestAttributes.REFUSED_TOKEN);
		String token = (refused != null) ? this.renewal.apply(refused) : this.source.apply(request);
		return (token != null) ? client(request.getClientRegistrationId(), request.getPrincipal().getName(), token)
				: null;
	}

	ReactiveOAuth2AuthorizedClientManager reactive() {
		return (request) -> Mono.fromCallable(() -> authorize(request));
	}

	static OAuth2AuthorizedClient client(String registrationId, String principal, String token) {
		return client(AuthorizationGrantType.TOKEN_EXCHANGE, registrationId, principal, token);
	}

	static OAuth2AuthorizedClient client(AuthorizationGrantType grantType, String registrationId, String principal,
			String token) {
		ClientRegistration registration = ClientRegistration.withRegistrationId(registrationId)
			.clientId("client")
			.authorizationGrantType(grantType)
			.tokenUri("http://localhost/token")
			.build();
		return new OAuth2AuthorizedClient(registration, principal, new OAuth2AccessToken(
				OAuth2AccessToken.TokenType.BEARER, token, Instant.EPOCH, Instant.EPOCH.plusSeconds(60)));
	}

}
