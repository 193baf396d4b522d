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

	/**
	 * Token of whom an issued token is for, where it is not the principal's own: a
	 * {@link org.springframework.security.oauth2.core.OAuth2Token}.
	 */
	public static final String SUBJECT_TOKEN = "oauth-redis.subject-token";

	/**
	 * Token of who acts for the subject: a
	 * {@link org.springframework.security.oauth2.core.OAuth2Token}.
	 */
	public static final String ACTOR_TOKEN = "oauth-redis.actor-token";

	private RequestAttributes() {
	}

}
