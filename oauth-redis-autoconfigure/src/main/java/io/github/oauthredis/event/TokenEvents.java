package io.github.oauthredis.event;

/**
 * Takes {@link TokenEvent}s. Implementations are thread-safe and never throw.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
@FunctionalInterface
public interface TokenEvents {

	/**
	 * Tell what happened.
	 * @param event the fact
	 */
	void publish(TokenEvent event);

	/**
	 * Tell the application, and nobody else, whose grant ended.
	 * @param event the fact
	 */
	default void grantLost(GrantLostEvent event) {
	}

}
