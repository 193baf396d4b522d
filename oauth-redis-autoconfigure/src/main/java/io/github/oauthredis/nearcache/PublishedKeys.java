package io.github.oauthredis.nearcache;

import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisConnectionStateAdapter;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;

/**
 * Hears of changes where Redis does not track: whoever writes publishes the key. A node
 * of a cluster passes on what is published at the others, sooner or later. Used by one
 * thread; listens on event loops.
 */
final class PublishedKeys {

	private final StatefulRedisPubSubConnection<String, String> connection;

	PublishedKeys(Connections connections, InvalidationListener listener, Runnable onBroken) {
		this.connection = connections.first(connections::subscriber);
		this.connection.addListener(new RedisPubSubAdapter<>() {

			@Override
			public void message(String channel, String key) {
				listener.changed(key);
			}

		});
		this.connection.addListener(new RedisConnectionStateAdapter() {

			@Override
			public void onRedisDisconnected(RedisChannelHandler<?, ?> any) {
				onBroken.run();
			}

		});
	}

	/**
	 * Ask to be told.
	 * @return whether Redis agreed
	 */
	boolean arm(String channel) {
		try {
			this.connection.sync().subscribe(channel);
			return true;
		}
		catch (RedisCommandExecutionException ex) {
			if (TrackingLink.isRefusal(ex)) {
				return false;
			}
			throw ex;
		}
	}

	/**
	 * Ask the node for a sign of life.
	 */
	boolean isAlive() {
		this.connection.sync().ping();
		return true;
	}

}
