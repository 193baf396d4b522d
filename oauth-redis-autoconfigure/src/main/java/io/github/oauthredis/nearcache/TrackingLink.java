package io.github.oauthredis.nearcache;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;

import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisConnectionStateAdapter;
import io.lettuce.core.RedisURI;
import io.lettuce.core.TrackingArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.push.PushMessage;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.GenericMapOutput;
import io.lettuce.core.protocol.CommandType;

/**
 * One connection on which one node of Redis tells of changes ({@code CLIENT TRACKING} in
 * broadcast mode). Used by one thread; listens on event loops.
 */
final class TrackingLink {

	private final StatefulRedisConnection<String, String> connection;

	private final RedisURI uri;

	private final String canary;

	private final InvalidationListener listener;

	private volatile boolean canaryHeard;

	/**
	 * Create a link.
	 * @param connection a connection of its own, not used for anything else
	 * @param uri where it leads
	 * @param canary a key that nobody else writes, in a slot of the node
	 * @param listener hears of changes
	 * @param onBroken called when the connection breaks, on an event loop
	 */
	TrackingLink(StatefulRedisConnection<String, String> connection, RedisURI uri, String canary,
			InvalidationListener listener, Runnable onBroken) {
		this.connection = connection;
		this.uri = uri;
		this.canary = canary;
		this.listener = listener;
		connection.addListener(this::onPush);
		connection.addListener(new RedisConnectionStateAdapter() {

			@Override
			public void onRedisDisconnected(RedisChannelHandler<?, ?> any) {
				onBroken.run();
			}

		});
	}

	/**
	 * Ask to be told, and prove that one is: servers and proxies that speak an older
	 * protocol agree and then say nothing.
	 * @param prefix start of every key that is listened to
	 * @param provable whether the node takes writes already
	 * @return whether changes are heard of; if not, Redis refuses to tell of them
	 */
	boolean arm(String prefix, boolean provable) {
		try {
			if (provable && !isProved()) {
				return false;
			}
			track(prefix);
			return true;
		}
		catch (RedisCommandExecutionException ex) {
			if (isRefusal(ex)) {
				return false;
			}
			throw ex;
		}
	}

	/*
	 * The push comes before the reply to the next command. The canary's prefix is given
	 * up at once: Redis compares every key that is written with every prefix that anybody
	 * tracks, and each instance has another canary.
	 */
	private boolean isProved() {
		RedisCommands<String, String> commands = this.connection.sync();
		track(this.canary);
		commands.psetex(this.canary, 1, "");
		commands.ping();
		commands.clientTracking(TrackingArgs.Builder.enabled(false));
		return this.canaryHeard;
	}

	private void track(String prefix) {
		this.connection.sync().clientTracking(TrackingArgs.Builder.enabled().bcast().prefixes(prefix));
	}

	/**
	 * Whether Redis will not do this later, either.
	 */
	static boolean isRefusal(RedisCommandExecutionException ex) {
		String message = String.valueOf(ex.getMessage());
		return message.startsWith("NOPERM") || message.startsWith("ERR");
	}

	/**
	 * Prove that everything that happened before was heard of: the reply comes after all
	 * that was told earlier.
	 * @return whether the node answered and still takes writes
	 */
	boolean isAlive() {
		// Unlike ROLE it needs no permission.
		Map<String, Object> state = this.connection.sync()
			.dispatch(CommandType.HELLO, new GenericMapOutput<>(StringCodec.UTF8));
		return "master".equals(state.get("role"));
	}

	/**
	 * The primaries of a cluster as the node sees them.
	 */
	Map<String, RedisClusterNode> primaries() {
		return ClusterView.primaries(this.connection.sync().clusterNodes(), this.uri);
	}

	private void onPush(PushMessage message) {
		if (!"invalidate".equals(message.getType())) {
			return;
		}
		List<Object> content = message.getContent();
		if (content.size() < 2 || !(content.get(1) instanceof List<?> keys)) {
			this.listener.changedAll();
			return;
		}
		for (Object key : keys) {
			if (key instanceof ByteBuffer bytes) {
				heard(StringCodec.UTF8.decodeKey(bytes.duplicate()));
			}
		}
	}

	private void heard(String key) {
		if (key.equals(this.canary)) {
			this.canaryHeard = true;
		}
		else {
			this.listener.changed(key);
		}
	}

}
