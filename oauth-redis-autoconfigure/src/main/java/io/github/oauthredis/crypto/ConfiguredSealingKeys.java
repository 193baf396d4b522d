package io.github.oauthredis.crypto;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Function;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Explicit keys and keys derived from client secrets. The first explicit key seals; with
 * none, the key derived from the current client secret does. Every explicit key and the
 * keys derived from all client secrets open. Thread-safe; never blocks: keys are derived
 * on the executor, and a ring that is ready is returned at once.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class ConfiguredSealingKeys implements SealingKeys {

	/*
	 * One slot per registration. A slot belongs to the secrets it was made for and is
	 * replaced when they change; whoever places it starts the derivation, all others join
	 * its future. A slot whose derivation failed serves nobody, so that the next caller
	 * tries again. Callers get a copy of a pending future and can complete nothing.
	 */

	private static final Log logger = LogFactory.getLog(ConfiguredSealingKeys.class);

	private static final int MAX_REGISTRATIONS = 10_000;

	private final boolean enabled;

	private final ExplicitKeys explicitKeys;

	private final Function<String, CompletionStage<@Nullable ClientSecrets>> registrations;

	private final Executor executor;

	private final Derivation derivation;

	private final Map<String, Slot> slots = new ConcurrentHashMap<>();

	/**
	 * Create the keys.
	 * @param enabled whether records are to be sealed; if not, keys only open
	 * @param explicitKeys gives the explicit keys
	 * @param registrations looks up the secrets of a registration, null if it is unknown,
	 * and must not block
	 * @param executor runs derivations, which take tens of milliseconds each
	 */
	public ConfiguredSealingKeys(boolean enabled, ExplicitKeys explicitKeys,
			Function<String, CompletionStage<@Nullable ClientSecrets>> registrations, Executor executor) {
		this(enabled, explicitKeys, registrations, executor, DerivedKeys::derive);
	}

	ConfiguredSealingKeys(boolean enabled, ExplicitKeys explicitKeys,
			Function<String, CompletionStage<@Nullable ClientSecrets>> registrations, Executor executor,
			Derivation derivation) {
		this.enabled = enabled;
		this.explicitKeys = explicitKeys;
		this.registrations = registrations;
		this.executor = executor;
		this.derivation = derivation;
	}

	@Override
	public CompletionStage<KeyRing> forRegistration(String registrationId) {
		try {
			CompletionStage<@Nullable ClientSecrets> lookup = this.registrations.apply(registrationId);
			if (lookup instanceof CompletableFuture<@Nullable ClientSecrets> future && future.isDone()
					&& !future.isCompletedExceptionally()) {
				return ring(registrationId, future.join());
			}
			return lookup.thenCompose((secrets) -> ring(registrationId, secrets));
		}
		catch (RuntimeException ex) {
			return CompletableFuture.failedFuture(ex);
		}
	}

	@Override
	public CompletionStage<KeyRing> renewed(String registrationId) {
		return this.explicitKeys.renewed().thenCompose((keys) -> forRegistration(registrationId));
	}

	@Override
	public String sealingId() {
		List<SealingKey> explicit = this.explicitKeys.current();
		return (this.enabled && !explicit.isEmpty()) ? explicit.get(0).id() : "";
	}

	/**
	 * Start to derive keys in the background, so that the first caller finds them ready.
	 * What fails here fails again, and is reported, when the keys are needed.
	 * @param registrationIds ids of client registrations
	 */
	public void warmUp(Collection<String> registrationIds) {
		registrationIds.forEach((registrationId) -> forRegistration(registrationId).whenComplete((ring, ex) -> {
			if (ex != null) {
				logger.debug("Registration '%s' has no sealing key yet".formatted(registrationId));
			}
		}));
	}

	private CompletionStage<KeyRing> ring(String registrationId, @Nullable ClientSecrets secrets) {
		List<SealingKey> explicit = this.explicitKeys.current();
		if (this.enabled && explicit.isEmpty() && (secrets == null || secrets.current() == null)) {
			return CompletableFuture.failedFuture(noKey(registrationId));
		}
		if (secrets == null) {
			return CompletableFuture.completedFuture(compose(explicit, List.of()));
		}
		Slot slot = this.slots.get(registrationId);
		if (slot == null || !slot.serves(secrets)) {
			slot = place(registrationId, new Slot(secrets));
		}
		return slot.ring(this, explicit);
	}

	private Slot place(String registrationId, Slot fresh) {
		if (this.slots.size() >= MAX_REGISTRATIONS && !this.slots.containsKey(registrationId)) {
			this.slots.keySet().stream().findAny().ifPresent(this.slots::remove);
		}
		Slot placed = this.slots.merge(registrationId, fresh,
				(old, candidate) -> old.serves(candidate.secrets) ? old : candidate);
		if (placed == fresh) {
			try {
				this.executor.execute(() -> fresh.derive(this.derivation, registrationId));
			}
			catch (RuntimeException ex) {
				fresh.derived.completeExceptionally(ex);
			}
		}
		return placed;
	}

	private KeyRing compose(List<SealingKey> explicit, List<SealingKey> derived) {
		Map<String, SealingKey> opening = new LinkedHashMap<>();
		explicit.forEach((key) -> opening.putIfAbsent(key.id(), key));
		derived.forEach((key) -> opening.putIfAbsent(key.id(), key));
		List<SealingKey> keys = List.copyOf(opening.values());
		return new KeyRing(this.enabled ? keys.get(0) : null, keys);
	}

	private static SealingKeyException noKey(String registrationId) {
		return new SealingKeyException(("Tokens of registration '%s' cannot be sealed: it has no client secret to "
				+ "derive a key from. Set 'oauth-redis.encryption.keys' or 'oauth-redis.encryption.jwk-set-location', "
				+ "or 'oauth-redis.encryption.enabled=false' to store tokens unsealed")
			.formatted(registrationId));
	}

	/**
	 * How a key comes from a client secret.
	 */
	@FunctionalInterface
	interface Derivation {

		SealingKey derive(String registrationId, String clientId, String clientSecret);

	}

	/**
	 * Keys derived from the secrets of one registration, and the ring they are on.
	 */
	private static final class Slot {

		private final ClientSecrets secrets;

		private final CompletableFuture<List<SealingKey>> derived = new CompletableFuture<>();

		private volatile @Nullable Ready ready;

		Slot(ClientSecrets secrets) {
			this.secrets = secrets;
		}

		boolean serves(ClientSecrets secrets) {
			return this.secrets.equals(secrets) && !this.derived.isCompletedExceptionally();
		}

		void derive(Derivation derivation, String registrationId) {
			try {
				List<SealingKey> keys = new ArrayList<>();
				String clientId = this.secrets.clientId();
				if (this.secrets.current() != null) {
					keys.add(derivation.derive(registrationId, clientId, this.secrets.current()));
				}
				this.secrets.others()
					.forEach((secret) -> keys.add(derivation.derive(registrationId, clientId, secret)));
				this.derived.complete(List.copyOf(keys));
			}
			catch (Throwable ex) {
				this.derived.completeExceptionally(ex);
			}
		}

		CompletionStage<KeyRing> ring(ConfiguredSealingKeys owner, List<SealingKey> explicit) {
			Ready known = this.ready;
			if (known != null && known.explicit == explicit) {
				return known.stage;
			}
			if (!this.derived.isDone() || this.derived.isCompletedExceptionally()) {
				return this.derived.thenApply((keys) -> owner.compose(explicit, keys));
			}
			KeyRing ring = owner.compose(explicit, this.derived.join());
			CompletableFuture<KeyRing> stage = CompletableFuture.completedFuture(ring);
			this.ready = new Ready(explicit, stage);
			return stage;
		}

	}

	/**
	 * A ring and the explicit keys it was made with.
	 */
	private record Ready(List<SealingKey> explicit, CompletableFuture<KeyRing> stage) {
	}

}
