package io.github.oauthredis.store;

import java.time.Duration;

import io.github.oauthredis.token.TokenRecord;

/**
 * Answer to the wish for a lease.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public sealed interface Acquisition {

	/**
	 * The caller holds the lease.
	 *
	 * @param lease the lease
	 */
	record Acquired(Lease lease) implements Acquisition {
	}

	/**
	 * Another caller holds the lease.
	 *
	 * @param remaining how long it has left
	 */
	record Held(Duration remaining) implements Acquisition {
	}

	/**
	 * The record is not what the caller read.
	 *
	 * @param current what it is now
	 */
	record Changed(TokenRecord current) implements Acquisition {
	}

}
