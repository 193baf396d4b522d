package io.github.oauthredis.testkit;

import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

/**
 * An OAuth2 authorization server over real HTTP on the loopback interface. It counts what
 * it is asked, and misbehaves on request. Thread-safe; every setting may change while it
 * runs and counts from the next request on.
 * <p>
 * As started it accepts every client, does not rotate refresh tokens and issues access
 * tokens for an hour.
 */
public final class FakeAuthorizationServer implements AutoCloseable {

	private static final Duration UNBOUNDED = Duration.ofDays(365);

	private final LoopbackServer server = new LoopbackServer("fake-authorization-server");

	private final TokenBook book = new TokenBook();

	private final TokenAnswers answers = new TokenAnswers(this.book);

	private final TokenFaults faults = new TokenFaults(this.server);

	private final TokenEndpoint tokens = new TokenEndpoint(this.book, this.answers, this.faults);

	private final UserEndpoints users = new UserEndpoints(this.book);

	private FakeAuthorizationServer() {
		this.server.handle("/token", this.tokens)
			.handle("/authorize", this.users::authorize)
			.handle("/userinfo", this.users::userInfo)
			.handle("/revoke", this.users::revoke)
			.handle("/introspect", this.users::introspect)
			.start();
	}

	public static FakeAuthorizationServer start() {
		return new FakeAuthorizationServer();
	}

	/**
	 * Return the address of an endpoint: {@code /token}, {@code /authorize},
	 * {@code /userinfo}, {@code /revoke} (RFC 7009) or {@code /introspect} (RFC 7662).
	 * @param path the path
	 * @return the address
	 */
	public URI uri(String path) {
		return this.server.uri(path);
	}

	public String tokenUri() {
		return uri("/token").toString();
	}

	public int port() {
		return this.server.port();
	}

	/**
	 * Return the shape of successful answers, to be changed.
	 * @return the shape
	 */
	public TokenAnswers answers() {
		return this.answers;
	}

	/**
	 * Return the faults, of which there are none at first.
	 * @return the faults
	 */
	public TokenFaults faults() {
		return this.faults;
	}

	/**
	 * Register a client. From the first on, others are answered {@code invalid_client}.
	 * @param id the client id
	 * @param secret its secret, empty for a public client
	 * @return this server
	 */
	public FakeAuthorizationServer client(String id, String secret) {
		this.tokens.client(id, secret);
		return this;
	}

	/**
	 * Set the user who logs in from now on, {@code alice} at first. A {@code login_hint}
	 * goes before.
	 * @param name the subject of the grants
	 * @return this server
	 */
	public FakeAuthorizationServer user(String name) {
		this.users.user(name);
		return this;
	}

	public FakeAuthorizationServer clock(Clock clock) {
		this.book.clock(clock);
		return this;
	}

	/**
	 * Set how every token and code begins from now on, to be found again in logs.
	 * @param prefix the beginning
	 * @return this server
	 */
	public FakeAuthorizationServer tokenPrefix(String prefix) {
		this.book.prefix(prefix);
		return this;
	}

	public FakeAuthorizationServer withoutRotation() {
		this.book.rotation(null);
		return this;
	}

	/**
	 * Rotate refresh tokens. A replaced one yields a new access token with the current
	 * refresh token for a while; after that its use revokes the whole family.
	 * @param grace how long a replaced refresh token is accepted
	 * @return this server
	 */
	public FakeAuthorizationServer rotateWithGrace(Duration grace) {
		this.book.rotation(grace);
		return this;
	}

	/**
	 * Rotate refresh tokens. The use of a replaced one revokes the whole family.
	 * @return this server
	 */
	public FakeAuthorizationServer rotateStrictly() {
		this.book.rotation(Duration.ZERO);
		return this;
	}

	/**
	 * Answer equal requests, and refreshes of one family, with the same access token and
	 * its remaining lifetime until shortly before its end.
	 * @param beforeEnd how long before its end a new one is issued, or null for a new one
	 * with each answer
	 * @return this server
	 */
	public FakeAuthorizationServer reissueUntil(@Nullable Duration beforeEnd) {
		this.book.reissueUntil(beforeEnd);
		return this;
	}

	/**
	 * Hold every token request before it is processed.
	 * @return the gate at which they wait
	 */
	public Gate hold() {
		return hold((request) -> true);
	}

	/**
	 * Hold token requests before they are processed. Takes the place of an earlier hold.
	 * @param which which requests
	 * @return the gate at which they wait
	 */
	public Gate hold(Predicate<TokenRequest> which) {
		return this.faults.hold(which);
	}

	/**
	 * Hold every answer after its request was processed: tokens are rotated, nobody
	 * knows.
	 * @return the gate at which they wait
	 */
	public Gate holdAnswers() {
		return holdAnswers((request) -> true);
	}

	/**
	 * Hold answers after their requests were processed. Takes the place of an earlier
	 * hold.
	 * @param which the answers to which requests
	 * @return the gate at which they wait
	 */
	public Gate holdAnswers(Predicate<TokenRequest> which) {
		return this.faults.holdAnswers(which);
	}

	public IssuedGrant issueGrant() {
		return issueGrant("", "");
	}

	/**
	 * Log a user in without HTTP.
	 * @param clientId the only client that may refresh, empty for every client
	 * @param scope the scope of the grant, separated by spaces
	 * @return the tokens of a new family of the current user
	 */
	public IssuedGrant issueGrant(String clientId, String scope) {
		return this.book.grant(clientId, this.users.user(), scope);
	}

	/**
	 * Revoke a token: a refresh token with its whole family, an access token alone.
	 * @param token any token of this server
	 */
	public void kill(String token) {
		this.book.revoke(token);
	}

	/**
	 * Return whether an access token is issued, not ended and not revoked.
	 * @param accessToken the token
	 * @return whether it is good
	 */
	public boolean isActive(String accessToken) {
		return this.book.isActive(accessToken);
	}

	/**
	 * Return whether a refresh token is the current one of a family that is not revoked.
	 * @param refreshToken the token
	 * @return whether it is good
	 */
	public boolean isAlive(String refreshToken) {
		return this.book.isAlive(refreshToken);
	}

	/**
	 * Return the refresh token that a family has now.
	 * @param familyOrRefreshToken the family or any token it ever had
	 * @return the current refresh token
	 */
	public String currentRefreshToken(String familyOrRefreshToken) {
		return this.book.current(familyOrRefreshToken);
	}

	public List<TokenRequest> requests() {
		return this.tokens.requests();
	}

	public int tokenRequests() {
		return this.tokens.requests().size();
	}

	public List<Presentation> presentations() {
		return this.tokens.presentations();
	}

	public List<Presentation> presentations(String refreshToken) {
		return presentations().stream().filter((one) -> one.refreshToken().equals(refreshToken)).toList();
	}

	/**
	 * Return how many presentations of one refresh token were under way at once, at most.
	 * @return 1 if none overlapped, 0 if there were none
	 */
	public int maxOverlap() {
		return maxOverlap(UNBOUNDED);
	}

	/**
	 * Return how many presentations of one refresh token were under way at once, at most.
	 * @param deadline when a client gives a presentation up, counted from its arrival
	 * @return 1 if none overlapped, 0 if there were none
	 */
	public int maxOverlap(Duration deadline) {
		return PresentationLog.maxOverlap(presentations(), deadline);
	}

	/**
	 * Return how often a replaced refresh token was presented, grace not counted.
	 * @return the number of reuse events
	 */
	public int reuseEvents() {
		return this.book.reuses();
	}

	public List<String> revocations() {
		return this.users.revocations();
	}

	/**
	 * Return all revocation requests, refused ones included.
	 * @return the requests
	 */
	public List<TokenRequest> revocationRequests() {
		return this.users.revocationRequests();
	}

	/**
	 * Refuse the next revocation requests without looking at them.
	 * @param count how many
	 * @param status the HTTP status
	 * @param error the OAuth2 error code, empty for no body
	 * @param retryAfter the {@code Retry-After} header as it stands, or null for none
	 * @return this server
	 */
	public FakeAuthorizationServer failRevocations(int count, int status, String error, @Nullable String retryAfter) {
		this.users.failRevocations(count, status, error, retryAfter);
		return this;
	}

	@Override
	public void close() {
		this.faults.none();
		this.server.close();
	}

}
