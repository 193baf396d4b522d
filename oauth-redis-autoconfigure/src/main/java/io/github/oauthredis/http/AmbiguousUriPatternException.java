package io.github.oauthredis.http;

/**
 * Two registrations claim the same requests with equally specific patterns.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public class AmbiguousUriPatternException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	private final String firstRegistrationId;

	private final String firstPattern;

	private final String secondRegistrationId;

	private final String secondPattern;

	/**
	 * Create an exception.
	 * @param firstRegistrationId id of one client registration
	 * @param firstPattern its pattern as configured
	 * @param secondRegistrationId id of the other client registration
	 * @param secondPattern its pattern as configured
	 */
	public AmbiguousUriPatternException(String firstRegistrationId, String firstPattern, String secondRegistrationId,
			String secondPattern) {
		super("URI pattern '%s' of registration '%s' and URI pattern '%s' of registration '%s' are equally specific "
			.formatted(firstPattern, firstRegistrationId, secondPattern, secondRegistrationId)
				+ "and can match the same request");
		this.firstRegistrationId = firstRegistrationId;
		this.firstPattern = firstPattern;
		this.secondRegistrationId = secondRegistrationId;
		this.secondPattern = secondPattern;
	}

	/**
	 * One of the two registrations.
	 * @return its id
	 */
	public String getFirstRegistrationId() {
		return this.firstRegistrationId;
	}

	/**
	 * Pattern of the first registration.
	 * @return the pattern as configured
	 */
	public String getFirstPattern() {
		return this.firstPattern;
	}

	/**
	 * The other of the two registrations.
	 * @return its id
	 */
	public String getSecondRegistrationId() {
		return this.secondRegistrationId;
	}

	/**
	 * Pattern of the second registration.
	 * @return the pattern as configured
	 */
	public String getSecondPattern() {
		return this.secondPattern;
	}

}
