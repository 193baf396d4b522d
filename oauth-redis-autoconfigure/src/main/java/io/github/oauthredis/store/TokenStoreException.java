package io.github.oauthredis.store;

/**
 * Redis did not do what was asked, or did not answer in time; what was asked may or may
 * not have happened.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public class TokenStoreException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	/**
	 * Create an exception.
	 * @param message what failed
	 * @param cause what went wrong beneath
	 */
	public TokenStoreException(String message, Throwable cause) {
		super(message, cause);
	}

}
