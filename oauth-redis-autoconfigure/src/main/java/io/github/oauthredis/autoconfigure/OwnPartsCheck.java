package io.github.oauthredis.autoconfigure;

import java.util.stream.Stream;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientService;
import org.springframework.security.oauth2.client.ReactiveOAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.ReactiveOAuth2AuthorizedClientService;

import io.github.oauthredis.client.RedisOAuth2AuthorizedClientManager;
import io.github.oauthredis.client.RedisOAuth2AuthorizedClientService;
import io.github.oauthredis.client.RedisReactiveOAuth2AuthorizedClientManager;
import io.github.oauthredis.client.RedisReactiveOAuth2AuthorizedClientService;

/**
 * Says at each start where parts of the application and ours do not work together,
 * because only some of ours backed off.
 */
final class OwnPartsCheck implements SmartInitializingSingleton {

	private static final Log logger = LogFactory.getLog(OwnPartsCheck.class);

	private final ObjectProvider<OAuth2AuthorizedClientService> services;

	private final ObjectProvider<OAuth2AuthorizedClientManager> managers;

	private final ObjectProvider<ReactiveOAuth2AuthorizedClientService> reactiveServices;

	private final ObjectProvider<ReactiveOAuth2AuthorizedClientManager> reactiveManagers;

	/**
	 * Create a check.
	 * @param services blocking services
	 * @param managers blocking managers
	 * @param reactiveServices reactive services
	 * @param reactiveManagers reactive managers
	 */
	OwnPartsCheck(ObjectProvider<OAuth2AuthorizedClientService> services,
			ObjectProvider<OAuth2AuthorizedClientManager> managers,
			ObjectProvider<ReactiveOAuth2AuthorizedClientService> reactiveServices,
			ObjectProvider<ReactiveOAuth2AuthorizedClientManager> reactiveManagers) {
		this.services = services;
		this.managers = managers;
		this.reactiveServices = reactiveServices;
		this.reactiveManagers = reactiveManagers;
	}

	@Override
	public void afterSingletonsInstantiated() {
		check(isOurs(this.services.stream(), RedisOAuth2AuthorizedClientService.class),
				isOurs(this.managers.stream(), RedisOAuth2AuthorizedClientManager.class), "");
		check(isOurs(this.reactiveServices.stream(), RedisReactiveOAuth2AuthorizedClientService.class),
				isOurs(this.reactiveManagers.stream(), RedisReactiveOAuth2AuthorizedClientManager.class), "Reactive");
	}

	/** An application that has none of a kind has none of its own. */
	private static boolean isOurs(Stream<?> beans, Class<?> ours) {
		return beans.allMatch(ours::isInstance);
	}

	private static void check(boolean ourService, boolean ourManager, String kind) {
		if (!ourService && ourManager) {
			logger.warn(
					("The application's own %sOAuth2AuthorizedClientService keeps logins where the manager of OAuth Redis "
							+ "does not look, so users are sent to the provider again and again. Remove it, or define a "
							+ "%sOAuth2AuthorizedClientManager as well")
						.formatted(kind, kind));
		}
		if (!ourManager) {
			logger.info(
					("The application's own %sOAuth2AuthorizedClientManager obtains and refreshes tokens: OAuth Redis "
							+ "does not make sure that each is refreshed once for all instances")
						.formatted(kind));
		}
	}

}
