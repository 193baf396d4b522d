package io.github.oauthredis.client;

import java.time.Clock;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

import io.github.oauthredis.refresh.TokenRefresher;

/**
 * What the blocking and the reactive faces have in common: translates between Spring
 * Security's authorized clients and the engine's records. Thread-safe; never blocks.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class AuthorizedClients {

	/**
	 * Create the common part.
	 * @param registrations where client registrations are found
	 * @param settings settings by registration id
	 * @param refresher the engine
	 * @param sources who sends token requests
	 * @param customizer names further attributes of issued tokens; null if nobody does
	 * @param clock time at which a saved client without issue time counts as issued
	 */
	public AuthorizedClients(Registrations registrations, Function<String, ClientSettings> settings,
			TokenRefresher refresher, TokenSources sources, @Nullable TokenKeyCustomizer customizer, Clock clock) {
	}

}
