package io.github.oauthredis.refresh;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletionException;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.RedisConfiguration.WithAuthentication;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.nearcache.InvalidationSource;
import io.github.oauthredis.store.Acquisition;
import io.github.oauthredis.store.Budget;
import io.github.oauthredis.store.Failure;
import io.github.oauthredis.store.Lease;
import io.github.oauthredis.store.MarkScope;
import io.github.oauthredis.store.RecordVersion;
import io.github.oauthredis.store.RedisKeys;
import io.github.oauthredis.store.RevocationOutbox;
import io.github.oauthredis.store.TokenStore;
import io.github.oauthredis.testkit.Await;
import io.github.oauthredis.testkit.FakeAuthorizationServer;
import io.github.oauthredis.testkit.ReadmeRights;
import io.github.oauthredis.testkit.RedisCluster;
import io.github.oauthredis.testkit.RedisServer;
import io.github.oauthredis.testkit.RedisTarget;
import io.github.oauthredis.token.Marks;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;
import io.github.oauthredis.token.Tokens;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The rights that the README asks for are enough for everything and none of them is too
 * many.
 */
class RedisPermissionsIntegrationTests {

	private static final Duration BOUND = Duration.ofSeconds(20);

	private static final RedisKeys NAMES = new RedisKeys("oauth-redis");

	private static final TokenKey KEY = EngineInstance.grantKey("alice");

	private static final TokenKey OTHER = EngineInstance.grantKey("bob");

	private static final List<String> RIGHTS = ReadmeRights.rules();

	// Only sent where Redis does not track.
	private static final Set<String> FALLBACK = Set.of("+subscribe");

	private static final Set<String> CLUSTER = Set.of("+cluster|nodes", "+cluster|myid", "+info", "+client|setname");

	private static final RedisServer redis = RedisServer.start();

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start()
		.client("client", "secret")
		.rotateStrictly();

	@AfterEach
	void stop() {
		this.server.close();
	}

	@AfterAll
	static void close() {
		redis.close();
		RedisCluster.shared().nodes().forEach((node) -> node.command("ACL", "DELUSER", "app"));
	}

	static Stream<String> single() {
		return RIGHTS.stream()
			.filter((right) -> !right.startsWith("reset") && !right.startsWith("-") && !FALLBACK.contains(right)
					&& !CLUSTER.contains(right));
	}

	static Stream<String> ofCluster() {
		return CLUSTER.stream();
	}

	@Test
	void scriptsUseNoCommandThatTheReadmeLeavesOut() throws IOException {
		Pattern call = Pattern.compile("redis\\.p?call\\('(\\w+)'");
		Set<String> used = new TreeSet<>();
		try (Stream<Path> scripts = Files.list(Path.of("src/main/resources/io/github/oauthredis/store"))) {
			for (Path script : scripts.toList()) {
				call.matcher(Files.readString(script))
					.results()
					.map((MatchResult result) -> "+" + result.group(1).toLowerCase(Locale.ROOT))
					.forEach(used::add);
			}
		}

		assertThat(RIGHTS).as("rights in README.md").containsAll(used);
	}

	@Test
	void rightsOfTheReadmeAreEnough() {
		Set<String> refused = run(redis, List.of(redis), RIGHTS);

		assertThat(refused).isEmpty();
	}

	@ParameterizedTest
	@MethodSource("single")
	void rightThatIsMissingIsMissed(String right) {
		List<String> rest = new ArrayList<>(RIGHTS);
		rest.remove(right);

		Set<String> refused = run(redis, List.of(redis), rest);

		assertThat(refused).contains(right.startsWith("~") ? "key" : right.startsWith("&") ? "channel" : right);
	}

	@Test
	void rightsOfTheReadmeAreEnoughInACluster() {
		assertThat(run(RedisCluster.shared(), RedisCluster.shared().nodes(), RIGHTS)).isEmpty();
	}

	@ParameterizedTest
	@MethodSource("ofCluster")
	void rightForAClusterThatIsMissingIsMissed(String right) {
		List<String> rest = new ArrayList<>(RIGHTS);
		rest.remove(right);

		assertThat(run(RedisCluster.shared(), RedisCluster.shared().nodes(), rest)).containsExactly(right);
	}

	@Test
	void waitForReplicasNeedsTheRightsThatTheReadmeNamesForIt() throws IOException {
		assertThat(Files.readString(Path.of("../README.md"))).contains("`refresh.wait-replicas` needs `+wait`");
		List<String> rights = new ArrayList<>(RIGHTS);

		assertThat(runWaiting(rights)).containsExactly("+wait");
		rights.add("+wait");
		assertThat(runWaiting(rights)).isEmpty();
		rights.remove("+psetex");
		assertThat(runWaiting(rights)).containsExactly("+psetex");
	}

	private Set<String> runWaiting(List<String> rights) {
		LettuceConnectionFactory application = user(redis, List.of(redis), rights);
		try (EngineInstance instance = new EngineInstance(application,
				new EngineInstance.Options().waitReplicas(1).redisTimeout(Duration.ofSeconds(1)))) {
			instance.awaitRedis();
			EngineInstance.get(instance.store.replicated(KEY, 1));
		}
		return refused(List.of(redis));
	}

	@Test
	void removalWhereOnlyTheOutboxIsForbiddenRemovesAndTells() {
		List<String> rights = new ArrayList<>(RIGHTS);
		rights.replaceAll((right) -> right.equals("+zadd") ? "-zadd" : right);
		LettuceConnectionFactory application = user(redis, List.of(redis), rights);
		try (EngineInstance instance = new EngineInstance(application, new EngineInstance.Options().revoking())) {
			instance.login(KEY, this.server.issueGrant("client", "read"), Duration.ofHours(1));

			EngineInstance.get(instance.refresher.remove(KEY));

			assertThat(instance.find(KEY).state()).isEqualTo(TokenRecord.State.ABSENT);
			assertThat(instance.events).extracting(TokenEvent::detail).contains("given_up:not_permitted");
		}
	}

	/**
	 * Do everything there is to do.
	 * @return what Redis refused
	 */
	private Set<String> run(RedisTarget target, List<RedisServer> nodes, List<String> rights) {
		LettuceConnectionFactory application = user(target, nodes, rights);
		try (EngineInstance instance = new EngineInstance(application, new EngineInstance.Options().nearCache());
				InvalidationSource source = new InvalidationSource(
						(LettuceConnectionFactory) instance.connections.factory(), "oauth-redis", BOUND,
						Clock.systemUTC(), instance.near())) {
			source.start();
			useAll(target, instance);
			Await.until("a confirmed record or a refusal", BOUND,
					() -> !refused(nodes).isEmpty() || isConfirmed(instance));
		}
		catch (CompletionException | ClassCastException ex) {
			assertThat(refused(nodes)).isNotEmpty();
		}
		return refused(nodes);
	}

	private static LettuceConnectionFactory user(RedisTarget target, List<RedisServer> nodes, List<String> rights) {
		List<String> rule = new ArrayList<>(List.of("ACL", "SETUSER", "app", "reset", "on", ">secret"));
		rule.addAll(rights);
		nodes.forEach((node) -> {
			node.command(rule.toArray(String[]::new));
			node.command("ACL", "LOG", "RESET");
		});
		target.flushAll();
		target.command("SCRIPT", "FLUSH");
		RedisConfiguration configuration = target.configuration();
		((WithAuthentication) configuration).setUsername("app");
		((WithAuthentication) configuration).setPassword("secret");
		LettuceConnectionFactory application = new LettuceConnectionFactory(configuration, target.client().build());
		application.afterPropertiesSet();
		return application;
	}

	private boolean isConfirmed(EngineInstance instance) {
		instance.obtain(instance.demand(OTHER, this.server));
		return instance.near().find(OTHER) != null;
	}

	private void useAll(RedisTarget target, EngineInstance instance) {
		TokenStore store = instance.store;
		EngineInstance.get(store.tombstone(KEY, instance.find(KEY)));
		EngineInstance.get(store.marks(KEY));
		instance.login(OTHER, this.server.issueGrant("client", "read"), Duration.ofHours(1));
		instance.login(KEY, this.server.issueGrant("client", "read"), Duration.ofMinutes(-1));
		String digest = instance.obtain(instance.demand(KEY, this.server)).requireTokens().accessTokenDigest();
		EngineInstance.get(store.invalidateIf(KEY, digest, Duration.ZERO));
		EngineInstance.get(store.release(KEY, lease(store)));
		EngineInstance.get(store.fail(KEY, lease(store), new Failure(Failure.Kind.CLEAR, "test", Duration.ZERO)));
		EngineInstance.get(store.admit(KEY, new Budget(1, 1), false));
		EngineInstance.get(store.giveBack(KEY, new Budget(1, 1)));
		EngineInstance.get(store.probe(KEY, "owner", Duration.ofSeconds(1)));
		EngineInstance.get(store.holdOff(KEY, Duration.ofMillis(1)));
		EngineInstance.get(store.mark(new MarkScope.All()));
		EngineInstance.get(store.mark(new MarkScope.Registration(KEY.registrationId())));
		EngineInstance.get(store.mark(new MarkScope.Principal("alice")));
		useOutbox(target, instance.outbox);
		EngineInstance.get(instance.sweep().sweepIfDue());
		target.command("SET", NAMES.token(KEY), "of another type");
		assertThat(instance.find(KEY).state()).isEqualTo(TokenRecord.State.ABSENT);
		instance.login(OTHER, this.server.issueGrant("client", "read"), Duration.ofHours(1));
	}

	private void useOutbox(RedisTarget target, RevocationOutbox outbox) {
		Tokens tokens = new Tokens("access", "Bearer", null, Set.of(), Set.of(), null, Instant.now(), null, null, null,
				null, null, false, Marks.NONE);
		EngineInstance.get(outbox.add(RecordVersion.of(KEY, 1), tokens));
		target.command("ZADD", "oauth-redis:outbox:{ob}:times", "1", "orphan");
		EngineInstance.get(outbox.claim(Duration.ofMinutes(1)));
		RevocationOutbox.Entry entry = new RevocationOutbox.Entry("none", RecordVersion.of(KEY, 1), tokens,
				Duration.ZERO);
		EngineInstance.get(outbox.settle(entry, Duration.ZERO));
		EngineInstance.get(outbox.settle(entry, null));
	}

	private static Lease lease(TokenStore store) {
		TokenRecord record = EngineInstance.get(store.find(KEY));
		Acquisition acquisition = EngineInstance.get(store.acquire(KEY, record, Duration.ofSeconds(30)));
		return ((Acquisition.Acquired) acquisition).lease();
	}

	private static Set<String> refused(List<RedisServer> nodes) {
		Set<String> refused = new TreeSet<>();
		for (RedisServer node : nodes) {
			for (Object entry : (List<?>) Objects.requireNonNull(node.command("ACL", "LOG"))) {
				List<?> fields = (List<?>) entry;
				Object reason = fields.get(fields.indexOf("reason") + 1);
				refused.add(reason.equals("command") ? "+" + fields.get(fields.indexOf("object") + 1)
						: String.valueOf(reason));
			}
		}
		return refused;
	}

}
