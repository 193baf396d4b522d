package io.github.oauthredis.autoconfigure;

import org.jspecify.annotations.Nullable;

/**
 * A setting, or what the application offers the starter, cannot work. Holds no secret:
 * neither its message nor a cause may show one.
 */
class InvalidOAuthRedisConfigurationException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	private final String property;

	private final @Nullable String value;

	private final String reason;

	private final String action;

	/**
	 * Create an exception.
	 * @param property name of the property that must change
	 * @param value its value; null if it is a secret or there is none
	 * @param reason what is wrong and why, as a sentence
	 * @param action what to do, as a sentence
	 */
	InvalidOAuthRedisConfigurationException(String property, @Nullable String value, String reason, String action) {
		super("Property '%s' is invalid: %s".formatted(property, reason));
		this.property = property;
		this.value = value;
		this.reason = reason;
		this.action = action;
	}

	String getProperty() {
		return this.property;
	}

	@Nullable String getValue() {
		return this.value;
	}

	String getReason() {
		return this.reason;
	}

	String getAction() {
		return this.action;
	}

}
