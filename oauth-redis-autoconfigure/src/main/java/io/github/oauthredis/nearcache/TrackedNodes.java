package io.github.oauthredis.nearcache;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode.NodeFlag;
import io.lettuce.core.codec.StringCodec;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/**
 * Makes the links to all upstream nodes. Used by one thread; blocks it.
 */
final class TrackedNodes implements AutoCloseable {

	private final LettuceConnectionFactory connectionFactory;

	private final String keyPrefix;

	private final String instance;

	private final Duration timeout;

	private final InvalidationListener listener;

	private final Runnable onBroken;

	private final List<TrackingLink> links = new ArrayList<>();

	private String epoch = "";

	private boolean refused;

	TrackedNodes(LettuceConnectionFactory connectionFactory, String keyPrefix, String instance, Duration timeout,
			InvalidationListener listener, Runnable onBroken) {
		this.connectionFactory = connectionFactory;
		this.keyPrefix = keyPrefix;
		this.instance = instance;
		this.timeout = timeout;
		this.listener = listener;
		this.onBroken = onBroken;
	}

	/**
	 * Connect and arm all links.
	 * @return whether every node tells of changes
	 */
	boolean arm() throws InterruptedException {
		AbstractRedisClient client = this.connectionFactory.getRequiredNativeClient();
		if (client instanceof RedisClusterClient cluster) {
			return arm(cluster);
		}
		RedisClient single = (RedisClient) client;
		TrackingLink link = new TrackingLink(single.connect(StringCodec.UTF8), this.keyPrefix, canary(""), this.timeout,
				this.listener, this.onBroken);
		this.links.add(link);
		return armed(link, true);
	}

	private boolean arm(RedisClusterClient cluster) throws InterruptedException {
		cluster.refreshPartitions();
		// Plain connections: those of a cluster client are shared and made anew unseen.
		RedisClient nodes = RedisClient.create(cluster.getResources());
		this.connectionFactory.getClientConfiguration().getClientOptions().ifPresent(nodes::setOptions);
		for (RedisClusterNode node : cluster.getPartitions()) {
			if (node.is(NodeFlag.UPSTREAM) && !node.is(NodeFlag.FAIL) && !node.is(NodeFlag.NOADDR)) {
				RedisURI uri = node.getUri();
				TrackingLink link = new TrackingLink(nodes.connect(StringCodec.UTF8, uri), this.keyPrefix, canary(node),
						this.timeout, this.listener, this.onBroken);
				this.links.add(link);
				if (!armed(link, !node.getSlots().isEmpty())) {
					return false;
				}
			}
		}
		this.epoch = this.links.isEmpty() ? "" : this.links.get(0).epoch();
		return !this.links.isEmpty();
	}

	private boolean armed(TrackingLink link, boolean provable) throws InterruptedException {
		boolean armed = link.arm(this.timeout, provable);
		this.refused = !armed;
		return armed;
	}

	/**
	 * Whether a node took the request and then told nothing.
	 */
	boolean isRefused() {
		return this.refused;
	}

	/**
	 * Ask every node for a sign of life.
	 * @return whether all gave one and are still the nodes they were
	 */
	boolean areAlive() {
		for (TrackingLink link : this.links) {
			if (!link.isAlive()) {
				return false;
			}
		}
		return this.epoch.isEmpty() || this.epoch.equals(this.links.get(0).epoch());
	}

	/**
	 * A canary in a slot of the node.
	 */
	private String canary(RedisClusterNode node) {
		for (int i = 0; i < 200_000; i++) {
			String candidate = canary(":{" + i + "}");
			if (node.hasSlot(SlotHash.getSlot(candidate))) {
				return candidate;
			}
		}
		return canary("");
	}

	private String canary(String tag) {
		return this.keyPrefix + ":canary:" + this.instance + tag;
	}

	@Override
	public void close() {
		this.links.forEach(TrackingLink::close);
	}

}
