package io.github.oauthredis.nearcache;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisConnectionStateAdapter;
import io.lettuce.core.TrackingArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.push.PushMessage;
import io.lettuce.core.codec.StringCodec;

/**
 * One connection on which one node of Redis tells of changes ({@code CLIENT TRACKING} in
 * broadcast mode). Once broken it stays so, even if Lettuce connects it anew: the new
 * connection would not be told anything. Used by one thread; listens on event loops.
 */
final class TrackingLink implements AutoCloseable {

	private final StatefulRedisConnection<String, String> connection;

	private final String prefix;

	private final String canary;

	private final InvalidationListener listener;

	private final CountDownLatch canaryHeard = new CountDownLatch(1);

	private volatile boolean broken;

	/**
	 * Create a link.
	 * @param connection a connection of its own, not used for anything else
	 * @param prefix start of every key that is listened to
	 * @param canary a key that only this link listens to, in a slot of the node
	 * @param timeout deadline of one command
	 * @param listener hears of changes
	 * @param onBroken called when the connection breaks, on an event loop
	 */
	TrackingLink(StatefulRedisConnection<String, String> connection, String prefix, String canary, Duration timeout,
			InvalidationListener listener, Runnable onBroken) {
		this.connection = connection;
		this.prefix = prefix;
		this.canary = canary;
		this.listener = listener;
		connection.setTimeout(timeout);
		connection.addListener(this::onPush);
		connection.addListener(new RedisConnectionStateAdapter() {

			@Override
			public void onRedisDisconnected(RedisChannelHandler<?, ?> any) {
				TrackingLink.this.broken = true;
				onBroken.run();
			}

		});
	}

	/**
	 * Ask to be told, and prove that one is: servers and proxies that speak an older
	 * protocol agree and then say nothing.
	 * @return whether changes are heard of
	 */
	boolean arm(Duration timeout, boolean provable) throws InterruptedException {
		this.connection.sync()
			.clientTracking(TrackingArgs.Builder.enabled().bcast().prefixes(this.prefix + ":{", this.canary));
		if (!provable) {
			return !this.broken;
		}
		this.connection.sync().psetex(this.canary, Duration.ofMinutes(1).toMillis(), "1");
		boolean heard = this.canaryHeard.await(timeout.toMillis(), TimeUnit.MILLISECONDS);
		this.connection.sync().del(this.canary);
		return heard && !this.broken;
	}

	/**
	 * Prove that everything that happened before was heard of: the reply comes after all
	 * that was told earlier.
	 * @return whether the node answered
	 */
	boolean isAlive() {
		this.connection.sync().ping();
		return !this.broken;
	}

	/**
	 * Number that rises when the nodes of a cluster or their parts change.
	 */
	String epoch() {
		return this.connection.sync()
			.clusterInfo()
			.lines()
			.filter((line) -> line.startsWith("cluster_current_epoch"))
			.findFirst()
			.orElse("");
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
			this.canaryHeard.countDown();
		}
		else {
			this.listener.changed(key);
		}
	}

	@Override
	public void close() {
		this.broken = true;
		CompletionStage<Void> unused = this.connection.closeAsync();
	}

}
