package io.github.oauthredis.testkit;

/**
 * The refusal of a token request.
 */
final class OAuthError extends RuntimeException {

	private final int status;

	private final String code;

	OAuthError(int status, String code) {
		super(code);
		this.code = code;
		this.status = status;
	}

	int status() {
		return this.status;
	}

	String code() {
		return this.code;
	}

}
