package io.github.oauthredis.client;

import java.util.Map;

/**
 * A grant request that carries extra parameters for the token request. An application
 * that brings its own token response client finds them here and has to send them itself.
 * Immutable.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public interface ExtraParameters {

	/**
	 * Parameters beyond those that the grant type asks for.
	 * @return names and values; empty if there are none
	 */
	Map<String, String> getExtraParameters();

}
