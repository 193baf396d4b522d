package io.github.oauthredis.nearcache;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import io.lettuce.core.RedisException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;

/**
 * The links to all nodes that take writes. In a cluster they are complete when every
 * primary that any linked node names is linked: so a node that is behind, or cut off from
 * the others, hides nothing. Used by one thread; blocks it.
 */
final class TrackedNodes {

	private final Connections connections;

	private final String keyPrefix;

	private final String instance;

	private final InvalidationListener listener;

	private final Runnable onBroken;

	// By id; the one node outside a cluster has none.
	private final Map<String, TrackingLink> links = new LinkedHashMap<>();

	private int turn;

	TrackedNodes(Connections connections, String keyPrefix, String instance, InvalidationListener listener,
			Runnable onBroken) {
		this.connections = connections;
		this.keyPrefix = keyPrefix;
		this.instance = instance;
		this.listener = listener;
		this.onBroken = onBroken;
	}

	/**
	 * Connect and arm all links.
	 * @return whether changes are heard of; if not, Redis refuses to tell of them
	 * @throws RedisException if that is not known now
	 */
	boolean arm() {
		return this.connections.isCluster() ? armCluster() : this.connections.first((node) -> arm("", node, "", true));
	}

	private boolean armCluster() {
		Set<String> tried = new HashSet<>();
		Map<String, RedisClusterNode> missing = seen();
		while (!missing.isEmpty()) {
			for (RedisClusterNode node : missing.values()) {
				if (!tried.add(node.getNodeId())) {
					throw new RedisException("A primary of the cluster does not answer");
				}
				if (!arm(node)) {
					return false;
				}
			}
			missing = new HashMap<>();
			for (TrackingLink link : this.links.values()) {
				missing.putAll(link.primaries());
			}
			missing.keySet().removeAll(this.links.keySet());
		}
		if (this.links.isEmpty()) {
			throw new RedisException("No primary of the cluster answers");
		}
		return true;
	}

	/**
	 * The primaries in the eyes of the first node that answers.
	 */
	private Map<String, RedisClusterNode> seen() {
		return this.connections.first((node) -> {
			try (StatefulRedisConnection<String, String> connection = this.connections.connect(node)) {
				return ClusterView.primaries(connection.sync().clusterNodes(), node);
			}
		});
	}

	private boolean arm(RedisClusterNode node) {
		boolean provable = !node.getSlots().isEmpty();
		try {
			return arm(node.getNodeId(), node.getUri(), provable ? ":{" + ClusterView.tag(node) + "}" : "", provable);
		}
		catch (RedisException ex) {
			// It may be gone. If others still name it, that is found out next.
			return true;
		}
	}

	private boolean arm(String id, RedisURI uri, String tag, boolean provable) {
		TrackingLink link = new TrackingLink(this.connections.connect(uri), uri,
				this.keyPrefix + ":canary:" + this.instance + tag, this.listener, this.onBroken);
		boolean armed = link.arm(this.keyPrefix + ":{", provable);
		if (armed) {
			this.links.put(id, link);
		}
		return armed;
	}

	/**
	 * Ask every node for a sign of life, and one of them after the other who takes
	 * writes.
	 * @return whether all gave one and are still the nodes that matter
	 */
	boolean areAlive() {
		List<TrackingLink> all = new ArrayList<>(this.links.values());
		this.turn = (this.turn + 1) % all.size();
		return all.stream().allMatch(TrackingLink::isAlive) && (!this.connections.isCluster()
				|| this.links.keySet().containsAll(all.get(this.turn).primaries().keySet()));
	}

}
