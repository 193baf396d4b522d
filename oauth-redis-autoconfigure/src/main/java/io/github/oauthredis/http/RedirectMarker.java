package io.github.oauthredis.http;

import org.jspecify.annotations.Nullable;

/**
 * Travels with one request that carries a token, from the door to the redirect guard
 * beneath the HTTP client, and tells the door what the guard did. Thread-safe.
 */
final class RedirectMarker {

	/** Name of the request attribute, and key in the Reactor context. */
	static final String NAME = RedirectMarker.class.getName();

	private volatile @Nullable Boolean following;

	/**
	 * Called by the guard before it sends the request through a client that follows no
	 * redirects.
	 * @param following whether the application's settings would have followed them
	 */
	void guarded(boolean following) {
		this.following = following;
	}

	boolean isGuarded() {
		return this.following != null;
	}

	/**
	 * Tell whether the door stands in for the client.
	 * @return whether redirects to the same origin are to be followed
	 */
	boolean isFollowing() {
		return Boolean.TRUE.equals(this.following);
	}

	@Override
	public String toString() {
		return "RedirectMarker[following=" + this.following + "]";
	}

}
