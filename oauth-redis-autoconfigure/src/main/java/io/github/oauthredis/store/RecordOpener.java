package io.github.oauthredis.store;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import io.github.oauthredis.codec.Opened;
import io.github.oauthredis.codec.RecordCodec;
import io.github.oauthredis.crypto.SealingKeys;
import io.github.oauthredis.event.GrantLostEvent;
import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.event.TokenEvents;
import io.github.oauthredis.resilience.BoundedMap;
import io.github.oauthredis.token.Marks;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;
import io.github.oauthredis.token.TokenRecord.State;
import io.github.oauthredis.token.Tokens;

/**
 * Makes records of what scripts answered, and trusts none of it: what does not open is
 * set aside, what is older than this instance has seen is refused. Thread-safe.
 */
final class RecordOpener {

	private static final Duration ASIDE = Duration.ofDays(1);

	private static final Log logger = LogFactory.getLog(RecordOpener.class);

	// Highest generation seen of each record, so that an older copy put back is
	// recognised.
	private final BoundedMap<TokenKey, Long> seen = new BoundedMap<>(10_000);

	// Generation last reported as stale or locked, which keeps a record that is read over
	// and over from being reported each time.
	private final BoundedMap<TokenKey, Long> reported = new BoundedMap<>(1_000);

	private final ScriptRunner scripts;

	private final RedisKeys keys;

	private final SealingKeys sealingKeys;

	private final RecordCodec codec;

	private final TokenEvents events;

	RecordOpener(ScriptRunner scripts, RedisKeys keys, SealingKeys sealingKeys, RecordCodec codec, TokenEvents events) {
		this.scripts = scripts;
		this.keys = keys;
		this.sealingKeys = sealingKeys;
		this.codec = codec;
		this.events = events;
	}

	CompletionStage<TokenRecord> open(TokenKey key, ScriptAnswer answer) {
		Meta meta = new Meta(answer);
		if (answer.sealed().length == 0) {
			return CompletableFuture.completedFuture(new TokenRecord(State.ABSENT, meta.generation(),
					meta.nextGeneration(), null, meta.cause(), meta.timing(null), Marks.NONE));
		}
		return this.sealingKeys.forRegistration(key.registrationId()).thenCompose((ring) -> {
			Opened opened = this.codec.open(ring, key.toString(), meta.generation(), answer.sealed());
			if (opened instanceof Opened.UnknownKey) {
				// Keys may be on their way: another instance can have them earlier.
				return this.sealingKeys.renewed(key.registrationId())
					.thenCompose((renewed) -> opened(key, answer, meta,
							this.codec.open(renewed, key.toString(), meta.generation(), answer.sealed())));
			}
			return opened(key, answer, meta, opened);
		});
	}

	private CompletionStage<TokenRecord> opened(TokenKey key, ScriptAnswer answer, Meta meta, Opened opened) {
		if (opened instanceof Opened.Broken broken) {
			return setAside(key, answer.sealed(), meta.generation(), broken.reason())
				.thenCompose((next) -> open(key, next.after(answer.seen())));
		}
		if (opened instanceof Opened.UnknownKey unknown) {
			if (isNews(key, meta.generation())) {
				publish(TokenEvent.Type.LOCKED, key, meta.generation(), unknown.keyId());
			}
			return CompletableFuture.completedFuture(new TokenRecord(State.LOCKED, meta.generation(),
					meta.nextGeneration(), null, unknown.keyId(), meta.timing(null), Marks.NONE));
		}
		return CompletableFuture.completedFuture(present(key, answer, meta, ((Opened.Content) opened).tokens()));
	}

	/**
	 * Highest generation seen so far. An answer is stale only if this instance had seen a
	 * newer generation before it asked: answers may overtake each other.
	 */
	long seen(TokenKey key) {
		Long seen = this.seen.get(key);
		return (seen != null) ? seen : 0;
	}

	/**
	 * A record was removed: itself is an older copy from now on.
	 */
	void removed(TokenKey key, long generation) {
		saw(key, generation + 1);
	}

	private void saw(TokenKey key, long generation) {
		if (seen(key) < generation) {
			this.seen.update(key, (seen) -> (seen != null) ? Math.max(seen, generation) : generation);
		}
	}

	private TokenRecord present(TokenKey key, ScriptAnswer answer, Meta meta, Tokens tokens) {
		saw(key, meta.generation());
		boolean behind = answer.seen() > meta.generation();
		if (behind && isNews(key, meta.generation())) {
			logger.warn("An older record than this instance has seen was found and refused: " + key);
			publish(TokenEvent.Type.STALE, key, meta.generation(), null);
		}
		return new TokenRecord((behind || meta.dead()) ? State.DEAD : State.LIVE, meta.generation(),
				meta.nextGeneration(), tokens, behind ? TokenRecord.STALE : meta.cause(),
				meta.timing(tokens.lifetime()), Marks.NONE);
	}

	private boolean isNews(TokenKey key, long generation) {
		Long before = this.reported.update(key, (any) -> generation);
		return before == null || before != generation;
	}

	/**
	 * Clear the way of keys that are of another type than ours.
	 */
	CompletionStage<ScriptAnswer> setAsideAliens(TokenKey key) {
		return setAside(key, new byte[0], 0, "wrong type");
	}

	private CompletionStage<ScriptAnswer> setAside(TokenKey key, byte[] sealed, long generation, String reason) {
		List<byte[]> arguments = List.of(sealed, Long.toString(ASIDE.toMillis()).getBytes(StandardCharsets.UTF_8));
		return this.scripts.run(RedisScript.SETASIDE, this.keys.withAside(key), arguments).thenApply((answer) -> {
			if ("renamed".equals(answer.outcome())) {
				logger.warn("A record did not open and was set aside for a day: %s (%s)".formatted(key, reason));
				publish(TokenEvent.Type.SET_ASIDE, key, generation, reason);
				String principalName = key.principalName();
				if (key.isGrant() && principalName != null) {
					this.events.grantLost(new GrantLostEvent(key.registrationId(), principalName, "set_aside"));
				}
			}
			return answer;
		});
	}

	private void publish(TokenEvent.Type type, TokenKey key, long generation, @Nullable String detail) {
		this.events.publish(TokenEvent.of(type, key, generation, detail));
	}

}
