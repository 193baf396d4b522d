package io.github.oauthredis.token;

import java.time.Duration;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * An API asks that the user authenticate more recently or in another way (RFC 9470). A
 * renewal does not help; a login with these values does.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public class StepUpRequiredException extends TokenUnavailableException {

	private static final long serialVersionUID = 1L;

	private final List<String> acrValues;

	private final @Nullable Duration maxAge;

	/**
	 * Create an exception.
	 * @param registrationId id of the client registration
	 * @param acrValues kinds of authentication that the API accepts, the preferred first
	 * @param maxAge how long ago the user may have authenticated at most; null if the API
	 * does not say
	 */
	public StepUpRequiredException(String registrationId, List<String> acrValues, @Nullable Duration maxAge) {
		super("insufficient_user_authentication",
				"The API asks the user of registration '%s' to authenticate again".formatted(registrationId),
				registrationId, false, null, null);
		this.acrValues = List.copyOf(acrValues);
		this.maxAge = maxAge;
	}

	/**
	 * Kinds of authentication that the API accepts, in its own words.
	 * @return values for {@code acr_values}, the preferred first; empty if any
	 */
	public List<String> getAcrValues() {
		return this.acrValues;
	}

	/**
	 * How long ago the user may have authenticated at most.
	 * @return a value for {@code max_age}, or null if the API does not say
	 */
	public @Nullable Duration getMaxAge() {
		return this.maxAge;
	}

}
