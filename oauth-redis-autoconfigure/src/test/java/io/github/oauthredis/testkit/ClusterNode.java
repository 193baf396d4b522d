package io.github.oauthredis.testkit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * One line of {@code CLUSTER NODES}. Immutable.
 *
 * @param id the node's name in its cluster
 * @param port the port on the loopback interface
 * @param primary whether it is a primary in the eyes of whoever was asked
 * @param failed whether the cluster agreed that it is gone
 * @param primaryId the primary of a replica; null for a primary
 * @param slots pairs of first and last slot that it serves
 */
record ClusterNode(String id, int port, boolean primary, boolean failed, @Nullable String primaryId,
		List<int[]> slots) {

	private static final int FIRST_SLOT = 8;

	static List<ClusterNode> parse(String nodes) {
		return nodes.lines().map(ClusterNode::line).toList();
	}

	private static ClusterNode line(String line) {
		String[] words = line.strip().split(" ", -1);
		String address = words[1].substring(0, words[1].indexOf('@'));
		List<String> flags = Arrays.asList(words[2].split(","));
		List<int[]> slots = new ArrayList<>();
		for (int i = FIRST_SLOT; i < words.length; i++) {
			// The others are slots on their way.
			if (!words[i].startsWith("[")) {
				String[] range = words[i].split("-", -1);
				slots.add(new int[] { Integer.parseInt(range[0]), Integer.parseInt(range[range.length - 1]) });
			}
		}
		return new ClusterNode(words[0], Integer.parseInt(address.substring(address.lastIndexOf(':') + 1)),
				flags.contains("master"), flags.contains("fail"), words[3].equals("-") ? null : words[3], slots);
	}

	boolean serves(int slot) {
		return this.slots.stream().anyMatch((range) -> range[0] <= slot && slot <= range[1]);
	}

}
