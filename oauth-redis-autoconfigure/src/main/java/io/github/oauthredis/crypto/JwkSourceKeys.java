package io.github.oauthredis.crypto;

import java.time.Duration;
import java.util.List;

import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.source.JWKSource;

/**
 * Keys of a source that the application defines, which may ask a vault.
 */
final class JwkSourceKeys implements KeyReader {

	private static final JWKSelector ALL = new JWKSelector(new JWKMatcher.Builder().build());

	private final JWKSource<?> source;

	private final String place;

	JwkSourceKeys(JWKSource<?> source, String place) {
		this.source = source;
		this.place = place;
	}

	@Override
	public List<SealingKey> read() {
		try {
			return JwkKeys.set(this.place, this.source.get(ALL, null));
		}
		catch (SealingKeyException ex) {
			throw ex;
		}
		catch (Exception ex) {
			// Without message and cause, which may quote what was read.
			throw new SealingKeyException("JWK Set of %s cannot be read (%s)".formatted(this.place, names(ex)));
		}
	}

	private static String names(Throwable ex) {
		String name = ex.getClass().getSimpleName();
		Throwable root = ex;
		while (root.getCause() != null) {
			root = root.getCause();
		}
		return (root != ex) ? name + ", caused by " + root.getClass().getSimpleName() : name;
	}

	@Override
	public String place() {
		return this.place;
	}

	@Override
	public Duration interval() {
		return Duration.ofSeconds(30);
	}

	@Override
	public Duration pause() {
		return Duration.ofSeconds(5);
	}

}
