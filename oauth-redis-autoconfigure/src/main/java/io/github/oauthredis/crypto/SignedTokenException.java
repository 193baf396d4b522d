package io.github.oauthredis.crypto;

import org.jspecify.annotations.Nullable;

/**
 * A token is not what a provider signed, or this cannot be found out now. Quotes nothing
 * of it.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public class SignedTokenException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	private final Problem problem;

	SignedTokenException(Problem problem) {
		this(problem, null);
	}

	SignedTokenException(Problem problem, @Nullable Throwable cause) {
		super("Token was not accepted: " + problem, cause);
		this.problem = problem;
	}

	/**
	 * What is wrong.
	 * @return the problem
	 */
	public Problem getProblem() {
		return this.problem;
	}

	/**
	 * What can be wrong.
	 */
	public enum Problem {

		/**
		 * It is no signed token with JSON inside.
		 */
		MALFORMED,

		/**
		 * It is a token of another type.
		 */
		TYPE,

		/**
		 * No published key made its signature.
		 */
		SIGNATURE,

		/**
		 * The published keys could not be fetched.
		 */
		NO_KEYS

	}

}
