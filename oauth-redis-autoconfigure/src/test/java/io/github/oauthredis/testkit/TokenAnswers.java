package io.github.oauthredis.testkit;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * The shape of the successful answers of the {@link FakeAuthorizationServer}, with
 * literals as odd as a test wants them. Thread-safe.
 */
public final class TokenAnswers {

	private static final BigDecimal LONGEST = BigDecimal.valueOf(Duration.ofDays(36500).toSeconds());

	private final TokenBook book;

	private final Map<String, String> members = new LinkedHashMap<>(); // guarded by this

	private @Nullable String expiresIn = "3600"; // guarded by this

	private @Nullable String scope; // guarded by this

	private boolean scopeAsRequested = true; // guarded by this

	private boolean withRefreshToken = true; // guarded by this

	TokenAnswers(TokenBook book) {
		this.book = book;
	}

	/**
	 * Set {@code expires_in}. Access tokens live that long, for ever if it makes no
	 * sense.
	 * @param rawJson the JSON literal as it stands, or null to leave the member out
	 * @return this
	 */
	public synchronized TokenAnswers expiresIn(@Nullable String rawJson) {
		this.expiresIn = rawJson;
		this.book.lifetime(lifetime());
		return this;
	}

	public TokenAnswers expiresIn(long seconds) {
		return expiresIn(String.valueOf(seconds));
	}

	/**
	 * Set {@code scope}, whatever was requested.
	 * @param scope the scope, or null to leave the member out
	 * @return this
	 */
	public synchronized TokenAnswers scope(@Nullable String scope) {
		this.scope = scope;
		this.scopeAsRequested = false;
		return this;
	}

	/**
	 * Answer the scope of the grant, and nothing if it has none.
	 * @return this
	 */
	public synchronized TokenAnswers scopeAsRequested() {
		this.scopeAsRequested = true;
		return this;
	}

	/**
	 * Leave the refresh token out, also where there is one.
	 * @return this
	 */
	public synchronized TokenAnswers withoutRefreshToken() {
		this.withRefreshToken = false;
		return this;
	}

	public synchronized TokenAnswers withRefreshToken() {
		this.withRefreshToken = true;
		return this;
	}

	/**
	 * Set a further member, such as {@code refresh_in}, {@code refresh_expires_in},
	 * {@code refresh_token_expires_in} or {@code id_token}, or replace one.
	 * @param name the name of the member
	 * @param rawJson the JSON literal as it stands, or null to leave the member out again
	 * @return this
	 */
	public synchronized TokenAnswers member(String name, @Nullable String rawJson) {
		if (rawJson != null) {
			this.members.put(name, rawJson);
		}
		else {
			this.members.remove(name);
		}
		return this;
	}

	/**
	 * Return how long an access token is good for.
	 * @return the lifetime, or null if the answers state none that makes sense
	 */
	synchronized @Nullable Duration lifetime() {
		if (this.expiresIn == null) {
			return null;
		}
		try {
			BigDecimal seconds = new BigDecimal(this.expiresIn.replace("\"", ""));
			boolean sensible = seconds.signum() > 0 && seconds.compareTo(LONGEST) < 0;
			return sensible ? Duration.ofMillis(seconds.movePointRight(3).longValue()) : null;
		}
		catch (NumberFormatException ex) {
			return null;
		}
	}

	synchronized String json(TokenBook.Issued issued, @Nullable String issuedTokenType) {
		Map<String, String> literals = new LinkedHashMap<>();
		literals.put("access_token", RawJson.quote(issued.accessToken()));
		literals.put("token_type", RawJson.quote("Bearer"));
		String remaining = (issued.remaining() != null) ? String.valueOf(issued.remaining().toSeconds()) : null;
		if (remaining != null || this.expiresIn != null) {
			literals.put("expires_in", (remaining != null) ? remaining : this.expiresIn);
		}
		putQuoted(literals, "scope", scopeOf(issued));
		putQuoted(literals, "refresh_token", this.withRefreshToken ? issued.refreshToken() : null);
		putQuoted(literals, "issued_token_type", issuedTokenType);
		literals.putAll(this.members);
		return RawJson.object(literals);
	}

	private @Nullable String scopeOf(TokenBook.Issued issued) {
		if (!this.scopeAsRequested) {
			return this.scope;
		}
		return issued.scope().isEmpty() ? null : issued.scope();
	}

	private static void putQuoted(Map<String, String> literals, String name, @Nullable String value) {
		if (value != null) {
			literals.put(name, RawJson.quote(value));
		}
	}

}
