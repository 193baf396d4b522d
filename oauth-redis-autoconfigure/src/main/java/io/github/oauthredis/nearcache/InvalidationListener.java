package io.github.oauthredis.nearcache;

import java.time.Instant;

/**
 * Hears of changes in Redis. Called on event loops and on the thread of the source, in
 * the order in which things happened on one connection: implementations are thread-safe,
 * never block and never throw.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public interface InvalidationListener {

	/**
	 * One key changed, expired or was removed.
	 * @param key its full name
	 */
	void changed(String key);

	/**
	 * Anything may have changed: Redis was flushed, or the clock was set.
	 */
	void changedAll();

	/**
	 * From now on changes are heard of, until {@link #disarmed()}. What was read before
	 * may be stale.
	 */
	void armed();

	/**
	 * Every change that happened before a moment has been told. Never called by a source
	 * that cannot know.
	 * @param until that moment, by the clock of this instance
	 */
	void confirmed(Instant until);

	/**
	 * Changes may be missed from now on.
	 */
	void disarmed();

}
