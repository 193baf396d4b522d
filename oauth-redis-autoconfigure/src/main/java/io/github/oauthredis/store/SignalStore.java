package io.github.oauthredis.store;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.springframework.data.redis.connection.ReactiveRedisConnectionFactory;

import io.github.oauthredis.codec.SealedText;
import io.github.oauthredis.crypto.KeyRing;
import io.github.oauthredis.crypto.SealingKeyException;
import io.github.oauthredis.crypto.SealingKeys;
import io.github.oauthredis.token.Digests;
import io.github.oauthredis.token.Subject;

/**
 * What instances share to understand the messages of providers: which principal a
 * provider means, and which messages were handled. Names in Redis are digests, and the
 * name of a principal is sealed. Thread-safe; never blocks. Every stage completes within
 * the deadline of one Redis call, or of two, with {@link TokenStoreException} if Redis
 * does not answer.
 *
 * <pre>
 * MGET, SET PX      remember, claim, handled
 * MGET              find
 * </pre>
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class SignalStore {

	/*
	 * The entry of a login's first subject also lists the digests of the others, so that
	 * the next login removes those that it does not repeat: a user has as many entries as
	 * subjects, however often he logs in.
	 */

	private static final String CLAIMED = "claimed";

	private static final String HANDLED = "handled";

	private static final Duration SHORTEST = Duration.ofMillis(1);

	private final ScriptRunner scripts;

	private final RedisKeys keys;

	private final SealingKeys sealingKeys;

	private final Set<String> registrationIds;

	private final Duration life;

	/**
	 * Create a store.
	 * @param connectionFactory connections to Redis
	 * @param keyPrefix start of every key
	 * @param timeout deadline of one call, connecting included
	 * @param sealingKeys keys that seal and open
	 * @param registrationIds registrations whose logins are remembered
	 * @param life for how long
	 * @param clock local clock
	 */
	public SignalStore(ReactiveRedisConnectionFactory connectionFactory, String keyPrefix, Duration timeout,
			SealingKeys sealingKeys, Set<String> registrationIds, Duration life, Clock clock) {
		this.scripts = new ScriptRunner(connectionFactory, timeout, clock);
		this.keys = new RedisKeys(keyPrefix);
		this.sealingKeys = sealingKeys;
		this.registrationIds = Set.copyOf(registrationIds);
		this.life = (life.compareTo(RedisMarks.LONGEST_RECORD) < 0) ? life : RedisMarks.LONGEST_RECORD;
	}

	/**
	 * Remember who logged in, if that was asked for.
	 * @param registrationId id of the client registration
	 * @param subjects how the provider names the user, first the name that stays
	 * @param principalName how the application does
	 * @return completes when remembered
	 */
	public CompletionStage<@Nullable Void> remember(String registrationId, List<Subject> subjects,
			String principalName) {
		if (!this.registrationIds.contains(registrationId)) {
			return CompletableFuture.<@Nullable Void>completedFuture(null);
		}
		List<String> digests = subjects.stream().map(SignalStore::digest).toList();
		return this.sealingKeys.forRegistration(registrationId).thenCompose((ring) -> {
			CompletionStage<@Nullable Void> all = CompletableFuture.<@Nullable Void>completedFuture(null);
			for (String other : digests.subList(1, digests.size())) {
				String name = this.keys.subject(registrationId, other);
				all = both(all, keep(name, SealedText.seal(ring, name, principalName), this.life, false));
			}
			return both(all, rememberFirst(registrationId, digests, ring, principalName));
		});
	}

	private CompletionStage<?> rememberFirst(String registrationId, List<String> digests, KeyRing ring,
			String principalName) {
		String name = this.keys.subject(registrationId, digests.get(0));
		String value = String.join(" ",
				Stream.concat(Stream.of(SealedText.seal(ring, name, principalName)), digests.stream().skip(1))
					.toList());
		return keep(name, value, this.life, false).thenCompose((answer) -> {
			Set<String> left = new LinkedHashSet<>(List.of(answer.meta().split(" ")).stream().skip(1).toList());
			digests.forEach(left::remove);
			CompletionStage<@Nullable Void> all = CompletableFuture.<@Nullable Void>completedFuture(null);
			for (String digest : left) {
				all = both(all, keep(this.keys.subject(registrationId, digest), "", SHORTEST, false));
			}
			return all;
		});
	}

	/**
	 * Find out whom a provider means.
	 * @param registrationId id of the client registration
	 * @param subject how the provider names the user
	 * @return how the application does, or null if nobody of this name has logged in;
	 * fails with {@link SealingKeyException} if the key that sealed it is not known here
	 */
	public CompletionStage<@Nullable String> find(String registrationId, Subject subject) {
		String name = this.keys.subject(registrationId, digest(subject));
		return this.scripts.run(RedisScript.RECALL, List.of(name), List.of())
			.thenCompose((answer) -> {
				String sealed = answer.meta().split(" ", 2)[0];
				return this.sealingKeys.forRegistration(registrationId)
					.thenCompose((ring) -> SealedText.isLocked(ring, sealed) ? this.sealingKeys.renewed(registrationId)
							: CompletableFuture.completedFuture(ring))
					.thenApply((ring) -> open(ring, name, sealed));
			});
	}

	private static @Nullable String open(KeyRing ring, String name, String sealed) {
		if (SealedText.isLocked(ring, sealed)) {
			throw new SealingKeyException("Who is meant was sealed with a key that is not known here");
		}
		return SealedText.open(ring, name, sealed);
	}

	/**
	 * Take the right to handle a message.
	 * @param registrationId id of the client registration
	 * @param id what the sender calls the message
	 * @param time how long the right lasts
	 * @return what the caller may do
	 */
	public CompletionStage<Claim> claim(String registrationId, String id, Duration time) {
		return keep(this.keys.signal(registrationId, Digests.sha256(id)), CLAIMED, time, true)
			.thenApply((answer) -> "kept".equals(answer.outcome()) ? Claim.GRANTED
					: HANDLED.equals(answer.meta()) ? Claim.HANDLED : Claim.TAKEN);
	}

	/**
	 * Note that a message was handled.
	 * @param registrationId id of the client registration
	 * @param id what the sender calls the message
	 * @param time how long it could be received once more
	 * @return completes when noted
	 */
	public CompletionStage<@Nullable Void> handled(String registrationId, String id, Duration time) {
		return keep(this.keys.signal(registrationId, Digests.sha256(id)), HANDLED, time, false)
			.thenApply((answer) -> null);
	}

	private CompletionStage<ScriptAnswer> keep(String name, String value, Duration time, boolean leave) {
		long millis = Math.max(time.toMillis(), SHORTEST.toMillis());
		return this.scripts.run(RedisScript.KEEP, List.of(name),
				Stream.of(value, Long.toString(millis), leave ? "1" : "0")
					.map((word) -> word.getBytes(StandardCharsets.UTF_8))
					.toList());
	}

	private static CompletionStage<@Nullable Void> both(CompletionStage<?> one, CompletionStage<?> other) {
		return one.thenCombine(other, (first, second) -> null);
	}

	private static String digest(Subject subject) {
		return Digests.sha256(subject.claim() + " " + subject.value());
	}

	/**
	 * What the caller may do with a message.
	 */
	public enum Claim {

		/**
		 * Handle it.
		 */
		GRANTED,

		/**
		 * Nothing now: another one handles it, or tried to.
		 */
		TAKEN,

		/**
		 * Nothing: it was handled.
		 */
		HANDLED

	}

}
