package io.github.oauthredis.nearcache;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

import io.lettuce.core.RedisException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.cluster.models.partitions.ClusterPartitionParser;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode.NodeFlag;

/**
 * Reads what a node says of its cluster. Pure.
 */
final class ClusterView {

	private static final Set<NodeFlag> AWAY = Set.of(NodeFlag.FAIL, NodeFlag.EVENTUAL_FAIL, NodeFlag.HANDSHAKE,
			NodeFlag.NOADDR);

	private ClusterView() {
	}

	/**
	 * Find the nodes that take writes or may soon. One that failed counts until another
	 * took over its slots, because it may come back with them at any moment; one without
	 * slots counts while it is well, because slots may be moving there.
	 * @param view answer to {@code CLUSTER NODES}
	 * @param asked how to connect to the node that gave it
	 * @return the nodes by id, with addresses to connect to
	 */
	static Map<String, RedisClusterNode> primaries(String view, RedisURI asked) {
		Map<String, RedisClusterNode> primaries = new HashMap<>();
		for (RedisClusterNode node : ClusterPartitionParser.parse(view)) {
			if (node.is(NodeFlag.UPSTREAM) && (!node.getSlots().isEmpty() || AWAY.stream().noneMatch(node::is))) {
				primaries.put(node.getNodeId(), reachable(node, asked));
			}
		}
		return primaries;
	}

	/**
	 * A node that nobody told its own address yet leaves it out.
	 */
	private static RedisClusterNode reachable(RedisClusterNode node, RedisURI asked) {
		RedisURI told = (node.getUri() != null) ? node.getUri() : asked;
		if (node.getUri() == null && !node.is(NodeFlag.MYSELF)) {
			throw new RedisException("A node of the cluster has slots but no address");
		}
		node.setUri(Connections.at(told, asked));
		return node;
	}

	/**
	 * Find a hash tag for keys in a slot of a node that has slots.
	 */
	static String tag(RedisClusterNode node) {
		int i = 0;
		while (!node.hasSlot(SlotHash.getSlot(String.valueOf(i)))) {
			i++;
		}
		return String.valueOf(i);
	}

}
