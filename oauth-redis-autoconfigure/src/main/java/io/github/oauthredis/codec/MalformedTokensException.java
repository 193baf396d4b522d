package io.github.oauthredis.codec;

/**
 * JSON is not that of tokens. Says what is wrong and shows no content.
 */
final class MalformedTokensException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	MalformedTokensException(String message) {
		super(message);
	}

}
