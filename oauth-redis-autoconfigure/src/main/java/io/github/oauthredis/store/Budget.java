package io.github.oauthredis.store;

/**
 * How many token requests the whole fleet may send to one provider.
 *
 * @param perSecond requests per second in the long run
 * @param burst requests that may be sent at once after a quiet time
 * @author OAuth Redis
 * @since 0.1.0
 */
public record Budget(double perSecond, int burst) {

	public Budget {
		if (!(perSecond > 0) || Double.isInfinite(perSecond)) {
			throw new IllegalArgumentException("'perSecond' must be positive, but was " + perSecond);
		}
		if (burst < 1) {
			throw new IllegalArgumentException("'burst' must be positive, but was " + burst);
		}
	}

}
