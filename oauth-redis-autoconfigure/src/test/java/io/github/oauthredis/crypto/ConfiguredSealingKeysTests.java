package io.github.oauthredis.crypto;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import javax.crypto.spec.SecretKeySpec;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import io.github.oauthredis.token.Digests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

class ConfiguredSealingKeysTests {

	private static final SealingKey ONE = key("one");

	private static final SealingKey TWO = key("two");

	private final Map<String, ClientSecrets> registrations = new ConcurrentHashMap<>();

	private final Queue<Runnable> tasks = new ArrayDeque<>();

	private final List<String> derivations = new ArrayList<>();

	private List<SealingKey> explicit = List.of();

	private @Nullable RuntimeException failure;

	@Test
	void forRegistrationWhenNoExplicitKeySealsWithCurrentSecret() {
		this.registrations.put("github", secrets("now", "before", "long-ago"));

		KeyRing ring = ring(keys(true), "github");

		assertThat(ring.sealing()).isEqualTo(derived("github", "now"));
		assertThat(ring.opening()).containsExactly(derived("github", "now"), derived("github", "before"),
				derived("github", "long-ago"));
	}

	@Test
	void forRegistrationWhenExplicitKeysSealsWithFirstAndOpensWithAll() {
		this.registrations.put("github", secrets("now", "before"));
		this.explicit = List.of(ONE, TWO);

		KeyRing ring = ring(keys(true), "github");

		assertThat(ring.sealing()).isEqualTo(ONE);
		assertThat(ring.opening()).containsExactly(ONE, TWO, derived("github", "now"), derived("github", "before"));
	}

	@Test
	void renewedLooksForKeysThatWereAdded() {
		ExplicitKeys explicit = new ExplicitKeys() {

			@Override
			public List<SealingKey> current() {
				return ConfiguredSealingKeysTests.this.explicit;
			}

			@Override
			public CompletionStage<List<SealingKey>> renewed() {
				ConfiguredSealingKeysTests.this.explicit = List.of(ONE, TWO);
				return CompletableFuture.completedFuture(current());
			}

		};
		this.explicit = List.of(ONE);
		SealingKeys keys = new ConfiguredSealingKeys(true, explicit, this::lookUp, this.tasks::add, this::derive);

		assertThat(ring(keys, "github").opening()).containsExactly(ONE);
		assertThat(keys.renewed("github").toCompletableFuture().join().opening()).containsExactly(ONE, TWO);
		assertThat(ring(keys, "github").opening()).containsExactly(ONE, TWO);
	}

	@Test
	void sealingIdNamesTheFirstExplicitKey() {
		assertThat(keys(true).sealingId()).isEmpty();

		this.explicit = List.of(TWO, ONE);

		assertThat(keys(true).sealingId()).isEqualTo("two");
		assertThat(keys(false).sealingId()).isEmpty();
	}

	@Test
	void forRegistrationWhenInstancesAreTwoReturnsSameKeys() {
		ClientSecrets secrets = secrets("secret", "earlier");
		SealingKeys one = new ConfiguredSealingKeys(true, List::of, (id) -> CompletableFuture.completedFuture(secrets),
				Runnable::run);
		SealingKeys two = new ConfiguredSealingKeys(true, List::of, (id) -> CompletableFuture.completedFuture(secrets),
				Runnable::run);

		assertThat(ring(one, "github")).isEqualTo(ring(two, "github"));
		assertThat(ring(one, "github").sealing()).isNotEqualTo(ring(one, "gitlab").sealing());
	}

	@Test
	void forRegistrationWhenSecretIsNowPreviousStillOpensWhatItSealed() {
		this.registrations.put("github", secrets("old"));
		SealingKeys keys = keys(true);
		SealingKey sealedWith = ring(keys, "github").sealing();

		this.registrations.put("github", secrets("new", "old"));
		KeyRing ring = ring(keys, "github");

		assertThat(sealedWith).isNotNull();
		assertThat(ring.sealing()).isEqualTo(derived("github", "new"));
		assertThat(ring.find(sealedWith.id())).isEqualTo(sealedWith);
	}

	@Test
	void forRegistrationWhenPreviousSecretEqualsCurrentHasKeyOnce() {
		this.registrations.put("github", secrets("now", "now"));

		assertThat(ring(keys(true), "github").opening()).containsExactly(derived("github", "now"));
	}

	@Test
	void forRegistrationWhenNoSecretAndNoKeyFailsWithInstructions() {
		this.registrations.put("public", secrets(null));
		this.registrations.put("blank", secrets(" "));
		this.registrations.put("previous-only", secrets("", "before"));

		for (String registration : List.of("public", "blank", "previous-only", "unknown")) {
			Throwable thrown = catchThrowable(() -> join(keys(true).forRegistration(registration)));

			assertThat(thrown).isInstanceOf(SealingKeyException.class)
				.hasMessageContainingAll("'" + registration + "'", "oauth-redis.encryption.keys",
						"oauth-redis.encryption.jwk-set-location", "oauth-redis.encryption.enabled=false");
		}
	}

	@Test
	void forRegistrationWhenNoSecretButExplicitKeyReturnsRing() {
		this.registrations.put("public", secrets(null));
		this.explicit = List.of(ONE);

		assertThat(ring(keys(true), "public")).isEqualTo(KeyRing.of(ONE));
		assertThat(ring(keys(true), "unknown")).isEqualTo(KeyRing.of(ONE));
	}

	@Test
	void forRegistrationWhenSealingIsOffOnlyOpens() {
		this.registrations.put("github", secrets("now"));
		this.registrations.put("public", secrets(null));

		assertThat(ring(keys(false), "github")).isEqualTo(KeyRing.unsealed(derived("github", "now")));
		assertThat(ring(keys(false), "public")).isEqualTo(KeyRing.unsealed());
		assertThat(ring(keys(false), "unknown")).isEqualTo(KeyRing.unsealed());
	}

	@Test
	void forRegistrationWhenKeyMustBeDerivedDoesSoOnTheExecutorOnce() {
		this.registrations.put("github", secrets("now"));
		SealingKeys keys = keys(true);

		CompletableFuture<KeyRing> first = keys.forRegistration("github").toCompletableFuture();
		CompletableFuture<KeyRing> second = keys.forRegistration("github").toCompletableFuture();
		assertThat(first).isNotDone();
		assertThat(this.derivations).isEmpty();
		assertThat(this.tasks).hasSize(1);
		this.tasks.remove().run();

		assertThat(first).isCompletedWithValueMatching((ring) -> ring.sealing() != null);
		assertThat(second).isCompletedWithValue(first.join());
		assertThat(this.derivations).containsExactly("github/client/now");
	}

	@Test
	void forRegistrationWhenReadyReturnsSameCompletedStage() {
		this.registrations.put("github", secrets("now"));
		SealingKeys keys = keys(true);
		ring(keys, "github");

		CompletionStage<KeyRing> one = keys.forRegistration("github");
		CompletionStage<KeyRing> two = keys.forRegistration("github");

		assertThat(one).isSameAs(two);
		assertThat(one.toCompletableFuture()).isDone();
	}

	@Test
	void forRegistrationWhenCallerCancelsServesTheOthers() {
		this.registrations.put("github", secrets("now"));
		SealingKeys keys = keys(true);

		CompletableFuture<KeyRing> cancelled = keys.forRegistration("github").toCompletableFuture();
		CompletableFuture<KeyRing> other = keys.forRegistration("github").toCompletableFuture();
		cancelled.cancel(true);
		this.tasks.remove().run();

		assertThat(other).isCompleted();
		assertThat(ring(keys, "github").sealing()).isEqualTo(derived("github", "now"));
	}

	@Test
	void forRegistrationWhenSecretChangesDerivesAgain() {
		this.registrations.put("github", secrets("old"));
		SealingKeys keys = keys(true);
		ring(keys, "github");

		this.registrations.put("github", secrets("new"));

		assertThat(ring(keys, "github").opening()).containsExactly(derived("github", "new"));
		assertThat(this.derivations).containsExactly("github/client/old", "github/client/new");
	}

	@Test
	void forRegistrationWhenExplicitKeysChangeKeepsDerivedKeys() {
		this.registrations.put("github", secrets("now"));
		SealingKeys keys = keys(true);
		ring(keys, "github");

		this.explicit = List.of(ONE);
		assertThat(ring(keys, "github").opening()).containsExactly(ONE, derived("github", "now"));
		this.explicit = List.of(TWO, ONE);
		assertThat(ring(keys, "github").sealing()).isEqualTo(TWO);

		assertThat(this.derivations).containsExactly("github/client/now");
	}

	@Test
	void forRegistrationWhenDerivationFailedTriesAgain() {
		this.registrations.put("github", secrets("now"));
		SealingKeys keys = keys(true);
		this.failure = new IllegalStateException("derivation");
		CompletionStage<KeyRing> failed = keys.forRegistration("github");
		this.tasks.remove().run();

		this.failure = null;

		assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> join(failed)).withMessage("derivation");
		assertThat(ring(keys, "github").sealing()).isEqualTo(derived("github", "now"));
	}

	@Test
	void forRegistrationWhenExecutorRejectsFailsAndTriesAgain() {
		this.registrations.put("github", secrets("now"));
		AtomicInteger calls = new AtomicInteger();
		SealingKeys keys = new ConfiguredSealingKeys(true, List::of, this::lookUp, (task) -> {
			if (calls.getAndIncrement() == 0) {
				throw new RejectedExecutionException("full");
			}
			task.run();
		}, this::derive);

		assertThatExceptionOfType(RejectedExecutionException.class)
			.isThrownBy(() -> join(keys.forRegistration("github")));
		assertThat(join(keys.forRegistration("github")).sealing()).isEqualTo(derived("github", "now"));
	}

	@Test
	void forRegistrationWhenLookupFailsFailsWithoutCaching() {
		AtomicInteger calls = new AtomicInteger();
		SealingKeys keys = new ConfiguredSealingKeys(true, List::of, (id) -> switch (calls.getAndIncrement()) {
			case 0 -> throw new IllegalStateException("thrown");
			case 1 -> CompletableFuture.failedFuture(new IllegalStateException("failed"));
			default -> CompletableFuture.completedFuture(secrets("now"));
		}, Runnable::run, this::derive);

		assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> join(keys.forRegistration("github")))
			.withMessage("thrown");
		assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> join(keys.forRegistration("github")))
			.withMessage("failed");
		assertThat(join(keys.forRegistration("github")).sealing()).isEqualTo(derived("github", "now"));
	}

	@Test
	void forRegistrationWhenLookupIsPendingWaitsForIt() {
		CompletableFuture<@Nullable ClientSecrets> lookup = new CompletableFuture<>();
		SealingKeys keys = new ConfiguredSealingKeys(true, List::of, (id) -> lookup, Runnable::run, this::derive);

		CompletableFuture<KeyRing> ring = keys.forRegistration("github").toCompletableFuture();
		assertThat(ring).isNotDone();
		lookup.complete(secrets("now"));

		assertThat(ring).isCompletedWithValueMatching((value) -> derived("github", "now").equals(value.sealing()));
	}

	@Test
	void forRegistrationWhenRegistrationsAreCountlessKeepsServing() {
		SealingKeys keys = new ConfiguredSealingKeys(true, List::of,
				(id) -> CompletableFuture.completedFuture(secrets(id)), Runnable::run, this::derive);

		for (int i = 0; i < 10_500; i++) {
			assertThat(join(keys.forRegistration("r" + i)).sealing()).isEqualTo(derived("r" + i, "r" + i));
		}
	}

	@Test
	void warmUpWhenCalledDerivesInBackground() {
		this.registrations.put("github", secrets("now"));
		this.registrations.put("gitlab", secrets("now"));
		ConfiguredSealingKeys keys = keys(true);

		keys.warmUp(List.of("github", "gitlab", "unknown"));
		assertThat(this.tasks).hasSize(2);
		this.tasks.forEach(Runnable::run);

		assertThat(keys.forRegistration("github").toCompletableFuture()).isDone();
		assertThat(keys.forRegistration("gitlab").toCompletableFuture()).isDone();
	}

	@Test
	void toStringWhenClientSecretsShowsNoSecret() {
		assertThat(secrets("S3CRET", "S3CRET2").toString()).doesNotContain("S3CRET")
			.isEqualTo("ClientSecrets[clientId=client, current=present, others=1]");
	}

	private ConfiguredSealingKeys keys(boolean enabled) {
		return new ConfiguredSealingKeys(enabled, () -> this.explicit, this::lookUp, this.tasks::add, this::derive);
	}

	private CompletionStage<@Nullable ClientSecrets> lookUp(String registrationId) {
		return CompletableFuture.completedFuture(this.registrations.get(registrationId));
	}

	private SealingKey derive(String registrationId, String clientId, String clientSecret) {
		if (this.failure != null) {
			throw this.failure;
		}
		this.derivations.add(registrationId + "/" + clientId + "/" + clientSecret);
		return derived(registrationId, clientSecret);
	}

	private KeyRing ring(SealingKeys keys, String registrationId) {
		CompletionStage<KeyRing> stage = keys.forRegistration(registrationId);
		while (!this.tasks.isEmpty()) {
			this.tasks.remove().run();
		}
		return join(stage);
	}

	private static KeyRing join(CompletionStage<KeyRing> stage) {
		try {
			return stage.toCompletableFuture().orTimeout(10, TimeUnit.SECONDS).join();
		}
		catch (CompletionException ex) {
			throw (ex.getCause() instanceof RuntimeException cause) ? cause : ex;
		}
	}

	private static SealingKey derived(String registrationId, String secret) {
		String name = registrationId + "/" + secret;
		byte[] key = Digests.sha256(name.getBytes(StandardCharsets.UTF_8));
		return new SealingKey("derived-" + name, new SecretKeySpec(key, "AES"));
	}

	private static SealingKey key(String id) {
		return new SealingKey(id, new SecretKeySpec(new byte[32], "AES"));
	}

	private static ClientSecrets secrets(@Nullable String current, String... previous) {
		return new ClientSecrets("client", current, List.of(previous));
	}

}
