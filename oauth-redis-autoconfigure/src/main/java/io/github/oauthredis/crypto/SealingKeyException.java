package io.github.oauthredis.crypto;

/**
 * A key is missing or malformed. Never shows the key.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public class SealingKeyException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	/**
	 * Create an exception.
	 * @param message what is wrong and what to do
	 */
	public SealingKeyException(String message) {
		super(message);
	}

}
