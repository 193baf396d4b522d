package io.github.oauthredis.testkit;

/**
 * A Redis that survives the loss of a primary. Thread-safe.
 */
public interface RedisTopology extends RedisTarget, AutoCloseable {

	/**
	 * Return the primary of a key.
	 * @param key the key
	 * @return the primary, which may be down
	 */
	RedisServer primaryOf(String key);

	/**
	 * Wait until a key is served by another server than before, and everybody knows.
	 * @param key the key
	 * @param before its former primary
	 */
	void awaitFailover(String key, RedisServer before);

	/**
	 * Wait until all servers are up and replicated.
	 */
	void awaitWhole();

	@Override
	void close();

}
