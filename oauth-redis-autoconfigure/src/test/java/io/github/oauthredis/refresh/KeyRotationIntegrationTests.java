package io.github.oauthredis.refresh;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.core.io.FileSystemResource;

import io.github.oauthredis.crypto.ClientSecrets;
import io.github.oauthredis.crypto.ConfiguredSealingKeys;
import io.github.oauthredis.crypto.SealingKeys;
import io.github.oauthredis.crypto.WatchedKeys;
import io.github.oauthredis.testkit.Gate;
import io.github.oauthredis.testkit.IssuedGrant;
import io.github.oauthredis.testkit.MutableClock;
import io.github.oauthredis.token.Digests;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Keys rotate instance by instance while all of them read, log users in and refresh: no
 * call fails and none leads to a token request that would not have been sent anyway.
 */
class KeyRotationIntegrationTests extends EngineFixture {

	private static final Duration DELAY = Duration.ofMinutes(5);

	private static final TokenKey ISSUED = EngineInstance.issuedKey("read");

	@TempDir
	Path directory;

	// For the files alone; tokens live by real time.
	private final MutableClock clock = new MutableClock();

	private final List<EngineInstance> fleet = new ArrayList<>();

	private final List<WatchedKeys> watched = new ArrayList<>();

	private final List<TokenKey> users = new ArrayList<>();

	// Where looks at the files wait; null if nowhere.
	private volatile @Nullable Gate looks;

	private int modifications;

	private int refreshes;

	@BeforeEach
	void start() throws IOException {
		for (int i = 0; i < 3; i++) {
			write(i, "old");
			this.fleet.add(instance(new EngineInstance.Options().keys(keys(i))));
		}
		work();
	}

	@Test
	void newKeyGoesInFrontAtOnce() throws IOException {
		for (int i = 0; i < 3; i++) {
			CompletableFuture<Void> load = CompletableFuture.runAsync(this::work);
			rewrite(i, "new", "old");
			work();
			load.join();
		}
		assertThat(sealedWith("new")).as("others may not know it yet").isEmpty();

		this.clock.advance(DELAY);
		work();

		assertThat(sealedWith("new")).isNotEmpty();
		assertThat(sealedWith("old")).isNotEmpty();
		sweepAndDropTheOldKey();
	}

	@Test
	void newKeyIsMadeKnownFirst() throws IOException {
		for (int i = 0; i < 3; i++) {
			rewrite(i, "old", "new");
			work();
		}
		this.clock.advance(DELAY);
		for (int i = 0; i < 3; i++) {
			CompletableFuture<Void> load = CompletableFuture.runAsync(this::work);
			rewrite(i, "new", "old");
			work();
			load.join();
			assertThat(sealedWith("new")).as("at once").isNotEmpty();
		}
		sweepAndDropTheOldKey();
	}

	@Test
	void instanceThatWasIdleLooksForTheKeyOfARecordBeforeItGivesUp() throws IOException {
		for (int i = 0; i < 3; i++) {
			write(i, "new", "old");
		}
		this.clock.advance(Duration.ofSeconds(1));
		assertThat(this.fleet.get(0).obtain(demand(this.users.get(0))).state()).isEqualTo(TokenRecord.State.LIVE);
		settle(0);
		this.clock.advance(DELAY);
		TokenKey key = login(0, HOUR);
		assertThat(sealedWith("new")).hasSize(1);

		Gate looks = new Gate();
		this.looks = looks;
		List<CompletableFuture<TokenRecord>> calls = new ArrayList<>();
		for (int i = 0; i < 30; i++) {
			calls.add(this.fleet.get(1 + i % 2).refresher.obtain(demand(key)).toCompletableFuture());
		}
		looks.awaitHeld(2).close();

		assertThat(calls)
			.allSatisfy((call) -> assertThat(EngineInstance.get(call).state()).isEqualTo(TokenRecord.State.LIVE));
	}

	private void sweepAndDropTheOldKey() throws IOException {
		assertThat(EngineInstance.get(this.fleet.get(1).sweep().sweepIfDue())).isTrue();
		assertThat(sealedWith("old")).isEmpty();

		for (int i = 0; i < 3; i++) {
			CompletableFuture<Void> load = CompletableFuture.runAsync(this::work);
			rewrite(i, "new");
			work();
			load.join();
		}
		assertThat(sealedWith("old")).isEmpty();
	}

	/**
	 * Each instance logs a user in whose token is good and one whose token has ended;
	 * then all read everything at once.
	 */
	private synchronized void work() {
		for (int i = 0; i < this.fleet.size(); i++) {
			login(i, HOUR);
			login(i, ENDED);
			this.refreshes++;
		}
		List<CompletableFuture<TokenRecord>> calls = new ArrayList<>();
		for (EngineInstance instance : this.fleet) {
			for (TokenKey user : this.users) {
				calls.add(instance.refresher.obtain(demand(user)).toCompletableFuture());
			}
			calls.add(instance.refresher.obtain(demand(ISSUED)).toCompletableFuture());
		}
		assertThat(calls)
			.allSatisfy((call) -> assertThat(EngineInstance.get(call).state()).isEqualTo(TokenRecord.State.LIVE));
		assertThat(this.server.tokenRequests()).as("one per ended token, one for the client")
			.isEqualTo(this.refreshes + 1);
		assertThat(this.server.reuseEvents()).isZero();
	}

	private TokenKey login(int instance, Duration remaining) {
		TokenKey key = EngineInstance.grantKey("user-" + this.users.size());
		IssuedGrant grant = this.server.issueGrant("client", "read");
		this.fleet.get(instance).login(key, grant, HOUR, remaining, true);
		this.users.add(key);
		return key;
	}

	private TokenDemand demand(TokenKey key) {
		return EngineInstance.demand(key, this.server.tokenUri(), PATIENT);
	}

	private void rewrite(int instance, String... ids) throws IOException {
		write(instance, ids);
		this.clock.advance(Duration.ofSeconds(1));
		settle(instance);
	}

	/**
	 * Wait until an instance has read its file, so that the next step finds it done.
	 */
	private void settle(int instance) {
		this.watched.get(instance).renewed().toCompletableFuture().join();
	}

	private SealingKeys keys(int instance) {
		WatchedKeys file = WatchedKeys.ofFile(new FileSystemResource(file(instance)), DELAY, this.clock, this::look);
		this.watched.add(file);
		return new ConfiguredSealingKeys(true, file,
				(registrationId) -> CompletableFuture.<@Nullable ClientSecrets>completedFuture(null),
				ForkJoinPool.commonPool());
	}

	private void look(Runnable look) {
		Gate gate = this.looks;
		if (gate == null) {
			ForkJoinPool.commonPool().execute(look);
			return;
		}
		Thread thread = new Thread(() -> {
			gate.pass();
			look.run();
		});
		thread.setDaemon(true);
		thread.start();
	}

	private Path file(int instance) {
		return this.directory.resolve("keys-" + instance + ".json");
	}

	private void write(int instance, String... ids) throws IOException {
		String keys = Arrays.stream(ids)
			.map((id) -> "{\"kty\":\"oct\",\"kid\":\"%s\",\"k\":\"%s\"}".formatted(id,
					Base64.getUrlEncoder().encodeToString(Digests.sha256(id.getBytes(StandardCharsets.UTF_8)))))
			.collect(Collectors.joining(","));
		// Never seen half written.
		Path next = Files.writeString(this.directory.resolve("next"), "{\"keys\":[" + keys + "]}");
		Files.setLastModifiedTime(next, FileTime.from(Instant.EPOCH.plusSeconds(this.modifications++)));
		Files.move(next, file(instance), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
	}

	private List<String> sealedWith(String keyId) {
		String beginning = "\u0001" + (char) keyId.length() + keyId;
		return this.redis.keys("oauth-redis:{*}:token").stream().filter((name) -> {
			byte[] sealed = (byte[]) Objects
				.requireNonNull(this.redis.binaryCommand(bytes("HGET"), bytes(name), bytes("sealed")));
			return new String(sealed, StandardCharsets.ISO_8859_1).startsWith(beginning);
		}).toList();
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

}
