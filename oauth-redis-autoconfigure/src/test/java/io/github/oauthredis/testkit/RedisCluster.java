package io.github.oauthredis.testkit;

import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;
import org.springframework.data.redis.connection.RedisClusterConfiguration;
import org.springframework.data.redis.connection.RedisConfiguration;

/**
 * A Redis Cluster of three primaries with a replica each, from the packaged binary.
 * Thread-safe.
 * <p>
 * {@link #shared()} serves the whole JVM and must stay whole. {@link #start(Duration)}
 * gives one whose nodes may be paused and killed.
 */
public final class RedisCluster implements RedisTopology {

	private static final int SHARDS = 3;

	private static final int SLOTS = 16_384;

	private static final int REDIRECTIONS = 20;

	private static final Duration BOUND = Duration.ofSeconds(60);

	// So long that a busy machine is not taken for a dead node.
	private static final Duration PATIENT = Duration.ofSeconds(15);

	// Nodes greet each other the more often the shorter it is.
	private static final String HURRIED = "500";

	private static final Set<String> WITHOUT_KEY = Set.of("ACL", "CONFIG", "DBSIZE", "FLUSHALL", "INFO", "KEYS", "PING",
			"SCRIPT", "TIME");

	// What nodes of a cluster, and clients that look for them, do all the time.
	private static final Set<String> HOUSEKEEPING = Set.of("cluster|info", "cluster|myid", "cluster|nodes",
			"client|setinfo", "client|setname", "hello", "ping", "psync", "replconf");

	private static @Nullable RedisCluster instance; // guarded by this class

	private final List<RedisServer> nodes;

	private RedisCluster(List<RedisServer> nodes) {
		this.nodes = nodes;
	}

	/**
	 * Return the cluster of this JVM. Its data is everybody's.
	 * @return the cluster, which lives as long as the JVM
	 */
	public static synchronized RedisCluster shared() {
		if (instance == null) {
			instance = start(PATIENT);
		}
		return instance;
	}

	/**
	 * Start a cluster of the test's own.
	 * @param nodeTimeout time after which a silent node is held for dead
	 * @return the cluster, complete and replicated
	 */
	public static RedisCluster start(Duration nodeTimeout) {
		List<RedisServer> nodes = new ArrayList<>();
		RedisCluster cluster = new RedisCluster(nodes);
		try {
			for (int i = 0; i < 2 * SHARDS; i++) {
				nodes.add(RedisServer.start("--cluster-enabled", "yes", "--cluster-node-timeout", HURRIED,
						"--cluster-replica-validity-factor", "0", "--repl-diskless-sync-delay", "0"));
			}
			cluster.form();
			nodes.forEach((node) -> node.command("CONFIG", "SET", "cluster-node-timeout",
					String.valueOf(nodeTimeout.toMillis())));
			return cluster;
		}
		catch (RuntimeException | Error ex) {
			cluster.close();
			throw ex;
		}
	}

	private void form() {
		for (int i = 0; i < this.nodes.size(); i++) {
			RedisServer node = this.nodes.get(i);
			node.command("CLUSTER", "SET-CONFIG-EPOCH", String.valueOf(i + 1));
			if (i < SHARDS) {
				node.command("CLUSTER", "ADDSLOTSRANGE", String.valueOf(SLOTS * i / SHARDS),
						String.valueOf(SLOTS * (i + 1) / SHARDS - 1));
			}
			this.nodes.subList(0, i)
				.forEach((other) -> node.command("CLUSTER", "MEET", other.host(), String.valueOf(other.port())));
		}
		Await.until("nodes that know each other", BOUND,
				() -> this.nodes.stream().allMatch((node) -> view(node).size() == this.nodes.size()));
		for (int i = 0; i < SHARDS; i++) {
			this.nodes.get(SHARDS + i).command("CLUSTER", "REPLICATE", id(this.nodes.get(i)));
		}
		awaitWhole();
	}

	/**
	 * Wait until every node is up, agrees with the others and is replicated.
	 */
	@Override
	public void awaitWhole() {
		Await.until("a whole cluster", BOUND, () -> this.nodes.stream().allMatch(this::isWhole));
	}

	private boolean isWhole(RedisServer node) {
		try {
			List<ClusterNode> view = view(node);
			String replication = text(node.command("INFO", "replication"));
			return text(node.command("CLUSTER", "INFO")).contains("cluster_state:ok")
					&& view.stream().noneMatch(ClusterNode::failed)
					&& view.stream().filter(ClusterNode::primary).count() == SHARDS
					&& (replication.contains("master_link_status:up")
							|| (replication.contains("role:master") && replication.contains("state=online")));
		}
		catch (UncheckedIOException ex) {
			return false;
		}
	}

	@Override
	public RedisConfiguration configuration() {
		return new RedisClusterConfiguration(
				this.nodes.stream().map((node) -> node.host() + ":" + node.port()).toList());
	}

	/**
	 * Return all nodes, running or not.
	 * @return the nodes
	 */
	public List<RedisServer> nodes() {
		return List.copyOf(this.nodes);
	}

	/**
	 * Return the primaries in the eyes of a node that is up.
	 * @return the primaries that are up
	 */
	public List<RedisServer> primaries() {
		return view().stream()
			.filter((node) -> node.primary() && !node.failed())
			.map((node) -> server(node.port()))
			.filter(RedisServer::isUp)
			.toList();
	}

	/**
	 * Return the primary of a key in the eyes of a node that is up.
	 * @param key the key
	 * @return the primary, which may be down
	 */
	@Override
	public RedisServer primaryOf(String key) {
		return server(owner(view(), slot(key)).port());
	}

	/**
	 * Return the replica of a key in the eyes of a node that is up.
	 * @param key the key
	 * @return the replica
	 */
	public RedisServer replicaOf(String key) {
		List<ClusterNode> view = view();
		String primary = owner(view, slot(key)).id();
		return view.stream()
			.filter((node) -> primary.equals(node.primaryId()))
			.map((node) -> server(node.port()))
			.findFirst()
			.orElseThrow();
	}

	/**
	 * Wait until a key is served by another node than before, in the eyes of every node
	 * that is up.
	 * @param key the key
	 * @param before its former primary
	 */
	@Override
	public void awaitFailover(String key, RedisServer before) {
		int slot = slot(key);
		Await.until("another primary", BOUND, () -> this.nodes.stream().filter(RedisServer::isUp).allMatch((node) -> {
			List<ClusterNode> view = view(node);
			return view.stream().anyMatch((other) -> other.serves(slot) && other.port() != before.port())
					&& text(node.command("CLUSTER", "INFO")).contains("cluster_state:ok");
		}));
	}

	/**
	 * Return the slot of a key.
	 * @param key the key
	 * @return the slot
	 */
	public int slot(String key) {
		return Math.toIntExact((Long) Objects.requireNonNull(anyUp().command("CLUSTER", "KEYSLOT", key)));
	}

	/**
	 * Start to move a slot. Until {@link #finishMove}, its keys may lie here or there.
	 * @param slot the slot
	 * @param to a primary that does not serve it
	 */
	public void startMove(int slot, RedisServer to) {
		RedisServer from = server(owner(view(), slot).port());
		to.command("CLUSTER", "SETSLOT", String.valueOf(slot), "IMPORTING", id(from));
		from.command("CLUSTER", "SETSLOT", String.valueOf(slot), "MIGRATING", id(to));
	}

	/**
	 * Move the keys of a slot and let all primaries know who serves it.
	 * @param slot the slot
	 * @param to the primary that {@link #startMove} named
	 */
	public void finishMove(int slot, RedisServer to) {
		RedisServer from = server(owner(view(), slot).port());
		String number = String.valueOf(slot);
		for (List<String> keys = keysIn(from, number); !keys.isEmpty(); keys = keysIn(from, number)) {
			List<String> command = new ArrayList<>(
					List.of("MIGRATE", to.host(), String.valueOf(to.port()), "", "0", "5000", "KEYS"));
			command.addAll(keys);
			from.command(command.toArray(String[]::new));
		}
		to.command("CLUSTER", "SETSLOT", number, "NODE", id(to));
		from.command("CLUSTER", "SETSLOT", number, "NODE", id(to));
		// Another view may lag behind and would send the next move astray. A node that
		// was
		// told may still hear old news from another one, so it is told again.
		Await.until("the news of a moved slot", BOUND, () -> {
			for (RedisServer other : primaries()) {
				other.command("CLUSTER", "SETSLOT", number, "NODE", id(to));
			}
			return this.nodes.stream().allMatch((node) -> owner(view(node), slot).port() == to.port());
		});
	}

	private static List<String> keysIn(RedisServer node, String slot) {
		List<?> keys = (List<?>) Objects.requireNonNull(node.command("CLUSTER", "GETKEYSINSLOT", slot, "100"));
		return keys.stream().map(String.class::cast).toList();
	}

	@Override
	public @Nullable Object command(String... args) {
		if (WITHOUT_KEY.contains(args[0].toUpperCase(Locale.ROOT))) {
			Object answer = null;
			for (RedisServer primary : primaries()) {
				answer = primary.command(args);
			}
			return answer;
		}
		return redirected((client) -> client.command(args));
	}

	@Override
	public @Nullable Object binaryCommand(byte[]... args) {
		if (WITHOUT_KEY.contains(new String(args[0], StandardCharsets.UTF_8).toUpperCase(Locale.ROOT))) {
			throw new IllegalArgumentException("Only commands with a key go to one node");
		}
		return redirected((client) -> client.binaryCommand(args));
	}

	@Override
	public List<String> keys(String pattern) {
		return primaries().stream().flatMap((node) -> node.keys(pattern).stream()).sorted().toList();
	}

	@Override
	public Map<String, Long> commandCounts() {
		Map<String, Long> counts = new TreeMap<>();
		for (RedisServer primary : primaries()) {
			primary.commandCounts().forEach((name, count) -> counts.merge(name, count, Long::sum));
		}
		counts.keySet().removeAll(HOUSEKEEPING);
		return counts;
	}

	private @Nullable Object redirected(Function<RespClient, @Nullable Object> command) {
		RedisServer node = anyUp();
		boolean asking = false;
		for (int i = 0; true; i++) {
			try (RespClient client = node.connect()) {
				if (asking) {
					client.command("ASKING");
				}
				return command.apply(client);
			}
			catch (IllegalStateException ex) {
				List<String> answer = Arrays.asList(Objects.requireNonNull(ex.getMessage()).split("[ :]+"));
				asking = answer.contains("ASK");
				if (i == REDIRECTIONS || !(asking || answer.contains("MOVED"))) {
					throw ex;
				}
				node = server(Integer.parseInt(answer.get(answer.size() - 1)));
			}
		}
	}

	private RedisServer anyUp() {
		return this.nodes.stream().filter(RedisServer::isUp).findFirst().orElseThrow();
	}

	private List<ClusterNode> view() {
		return view(anyUp());
	}

	private static List<ClusterNode> view(RedisServer node) {
		return ClusterNode.parse(text(node.command("CLUSTER", "NODES")));
	}

	private static ClusterNode owner(List<ClusterNode> view, int slot) {
		return view.stream().filter((node) -> node.serves(slot)).findFirst().orElseThrow();
	}

	private static String id(RedisServer node) {
		return text(node.command("CLUSTER", "MYID"));
	}

	private RedisServer server(int port) {
		return this.nodes.stream().filter((node) -> node.port() == port).findFirst().orElseThrow();
	}

	private static String text(@Nullable Object answer) {
		return (String) Objects.requireNonNull(answer);
	}

	@Override
	public void close() {
		this.nodes.forEach(RedisServer::close);
	}

}
