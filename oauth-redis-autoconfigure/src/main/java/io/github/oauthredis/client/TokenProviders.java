package io.github.oauthredis.client;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import org.jspecify.annotations.Nullable;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.client.OAuth2AuthorizationContext;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientProvider;
import org.springframework.security.oauth2.client.ReactiveOAuth2AuthorizedClientProvider;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import reactor.core.publisher.Flux;

/**
 * The application's own providers, asked one after the other. They see no authorized
 * client: when to renew is decided elsewhere. Thread-safe if the providers are.
 *
 * @param providers asked first
 * @param reactiveProviders asked where those have nothing
 */
record TokenProviders(List<OAuth2AuthorizedClientProvider> providers,
		List<ReactiveOAuth2AuthorizedClientProvider> reactiveProviders) {

	boolean isEmpty() {
		return this.providers.isEmpty() && this.reactiveProviders.isEmpty();
	}

	CompletionStage<@Nullable OAuth2AuthorizedClient> authorize(ClientRegistration registration,
			Authentication principal, Map<String, Object> attributes) {
		OAuth2AuthorizationContext context = OAuth2AuthorizationContext.withClientRegistration(registration)
			.principal(principal)
			.attributes((contextAttributes) -> contextAttributes.putAll(attributes))
			.build();
		for (OAuth2AuthorizedClientProvider provider : this.providers) {
			OAuth2AuthorizedClient client = provider.authorize(context);
			if (client != null) {
				return CompletableFuture.completedFuture(client);
			}
		}
		return Flux.fromIterable(this.reactiveProviders)
			.concatMap((provider) -> provider.authorize(context))
			.next()
			.toFuture();
	}

}
