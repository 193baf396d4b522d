package io.github.oauthredis.refresh;

/**
 * Names of the attributes of an authorize request that this project understands.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class RequestAttributes {

	/**
	 * Value of an access token that an API refused with 401: the caller wants another
	 * one.
	 */
	public static final String REFUSED_TOKEN = "oauth-redis.refused-token";

	/**
	 * Start of the name of an extra parameter of the token request, such as
	 * {@code oauth-redis.parameter.audience}.
	 */
	public static final String PARAMETER_PREFIX = "oauth-redis.parameter.";

	private RequestAttributes() {
	}

}
