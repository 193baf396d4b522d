package io.github.oauthredis.webhook;

/**
 * A message is not believed. Quotes nothing of it.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public class SignalRejectedException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	private final Problem problem;

	/**
	 * Create an exception.
	 * @param problem what is wrong with the message
	 */
	public SignalRejectedException(Problem problem) {
		super("Message was rejected: " + problem);
		this.problem = problem;
	}

	/**
	 * What is wrong with the message.
	 * @return the problem
	 */
	public Problem getProblem() {
		return this.problem;
	}

	/**
	 * What can be wrong, for operators; senders learn less.
	 */
	public enum Problem {

		/**
		 * It cannot be parsed, or lacks something.
		 */
		MALFORMED,

		/**
		 * The sender did not show the agreed credentials.
		 */
		SENDER,

		/**
		 * Its signature is not the sender's.
		 */
		SIGNATURE,

		/**
		 * It is a token of another type.
		 */
		TYPE,

		/**
		 * Another issuer made it.
		 */
		ISSUER,

		/**
		 * It is meant for somebody else.
		 */
		AUDIENCE,

		/**
		 * It is too old, has ended, or comes from the future.
		 */
		TIME,

		/**
		 * It reports nothing of the kind, or is of a kind that must not be here.
		 */
		CONTENT,

		/**
		 * It names a user in a way that is not understood.
		 */
		SUBJECT

	}

}
