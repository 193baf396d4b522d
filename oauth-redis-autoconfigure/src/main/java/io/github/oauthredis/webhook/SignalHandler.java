package io.github.oauthredis.webhook;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.scheduling.concurrent.CustomizableThreadFactory;

import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.event.TokenEvents;
import io.github.oauthredis.store.SignalStore;
import io.github.oauthredis.token.Digests;
import io.github.oauthredis.token.Subject;

/**
 * Turns messages of providers into revocations: checks, makes sure that each message
 * takes effect once, finds out whom it means, and revokes. A message that took effect is
 * acknowledged again, as a sender repeats what it got no answer to; one that could not
 * take effect now is to be sent again. Thread-safe; never blocks: checks, and
 * effects, run on at most 16 threads each, and whoever finds none free for a check is
 * asked to come back.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class SignalHandler implements AutoCloseable {

	/**
	 * Longest body that is read.
	 */
	static final int LONGEST_BODY = 64 * 1024;

	private static final Log logger = LogFactory.getLog(SignalHandler.class);

	private static final int THREADS = 16;

	private static final int QUEUE = 1000;

	private static final Duration IDLE = Duration.ofSeconds(10);

	// Also how long a message that failed on the way cannot be tried again.
	private static final Duration LONGEST_TIME = SignalReply.PAUSE;

	private static final Duration BETWEEN_REPORTS = Duration.ofMinutes(1);

	private final ThreadPoolExecutor executor = threads("oauth-redis-signals-", new SynchronousQueue<>());

	// So that Redis's thread does not go on with what belongs to the application.
	private final ThreadPoolExecutor effects = threads("oauth-redis-signal-effects-", new ArrayBlockingQueue<>(QUEUE));

	private final Map<String, Endpoint> endpoints;

	private final SignalStore store;

	private final GrantRevoker revoker;

	private final TokenEvents events;

	private final Clock clock;

	// Registration and detail of what was told lately; as many as there can be.
	private final Map<String, Instant> told = new ConcurrentHashMap<>();

	/**
	 * Create a handler.
	 * @param endpoints what is received at which path
	 * @param store what instances share
	 * @param revoker takes grants away
	 * @param events hears of messages
	 * @param clock when messages come
	 */
	public SignalHandler(Map<String, Endpoint> endpoints, SignalStore store, GrantRevoker revoker, TokenEvents events,
			Clock clock) {
		this.endpoints = Map.copyOf(endpoints);
		this.store = store;
		this.revoker = revoker;
		this.events = events;
		this.clock = clock;
	}

	private static ThreadPoolExecutor threads(String name, BlockingQueue<Runnable> queue) {
		CustomizableThreadFactory threads = new CustomizableThreadFactory(name);
		threads.setDaemon(true);
		ThreadPoolExecutor executor = new ThreadPoolExecutor(THREADS, THREADS, IDLE.toMillis(), TimeUnit.MILLISECONDS,
				queue, threads);
		executor.allowCoreThreadTimeOut(true);
		return executor;
	}

	/**
	 * Paths at which messages are received.
	 * @return the paths, within the application
	 */
	public Collection<String> paths() {
		return this.endpoints.keySet();
	}

	/**
	 * Handle a request for one of the paths.
	 * @param path the path
	 * @param method method of the request
	 * @param headers headers of the request
	 * @param body body of the request; empty if it is too long
	 * @return what to answer; never fails
	 */
	CompletionStage<SignalReply> handle(String path, String method, HttpHeaders headers, String body) {
		if (!method.equals("POST")) {
			return CompletableFuture.completedFuture(SignalReply.notPosted());
		}
		Endpoint endpoint = Objects.requireNonNull(this.endpoints.get(path));
		Delivery delivery = new Delivery(headers, body, this.clock.instant());
		try {
			return CompletableFuture.supplyAsync(() -> endpoint.receiver().receive(delivery), this.executor)
				.thenCompose((signal) -> act(endpoint, signal))
				.orTimeout(LONGEST_TIME.toMillis(), TimeUnit.MILLISECONDS)
				.exceptionally((ex) -> refuse(endpoint, (ex instanceof CompletionException) ? ex.getCause() : ex));
		}
		catch (RejectedExecutionException ex) {
			return CompletableFuture.completedFuture(SignalReply.later());
		}
	}

	private CompletionStage<SignalReply> act(Endpoint endpoint, Signal signal) {
		SignalReply accepted = SignalReply.of(endpoint.receiver().accepted(), signal.answer());
		if (signal.subjects().isEmpty()) {
			return CompletableFuture.completedFuture(accepted);
		}
		String registrationId = endpoint.registrationId();
		return this.store.claim(registrationId, signal.id(), LONGEST_TIME).thenComposeAsync((claim) -> switch (claim) {
			case HANDLED -> CompletableFuture.completedFuture(accepted);
			case TAKEN -> CompletableFuture.completedFuture(SignalReply.later());
			case GRANTED -> principals(registrationId, signal).thenCompose((names) -> revoke(endpoint, signal, names))
				.thenCompose((done) -> this.store.handled(registrationId, signal.id(),
						Duration.between(this.clock.instant(), signal.keepUntil())))
				.thenApply((done) -> accepted);
		}, this.effects);
	}

	/**
	 * Names of the principals that are meant. Somebody who is known by no other name than
	 * that at the provider has it here, too.
	 */
	private CompletionStage<Set<String>> principals(String registrationId, Signal signal) {
		Set<String> names = ConcurrentHashMap.newKeySet();
		CompletableFuture<?>[] looks = signal.subjects()
			.stream()
			.map((subject) -> this.store.find(registrationId, subject).thenAccept((name) -> {
				if (name != null) {
					names.add(name);
				}
				else if (subject.claim().equals(Subject.SUB)) {
					names.add(subject.value());
				}
			}).toCompletableFuture())
			.toArray(CompletableFuture[]::new);
		return CompletableFuture.allOf(looks).thenApply((done) -> names);
	}

	private CompletionStage<@Nullable Void> revoke(Endpoint endpoint, Signal signal, Set<String> names) {
		CompletableFuture<?>[] revocations = names.stream()
			.map((name) -> this.revoker.revoke(endpoint.registrationId(), name, signal.name())
				.thenRun(() -> this.events.publish(new TokenEvent(TokenEvent.Type.SIGNAL_RECEIVED,
						endpoint.registrationId(), null, Digests.sha256(name), 0, signal.name())))
				.toCompletableFuture())
			.toArray(CompletableFuture[]::new);
		return CompletableFuture.allOf(revocations).thenApply((done) -> null);
	}

	private SignalReply refuse(Endpoint endpoint, @Nullable Throwable ex) {
		if (ex instanceof SignalRejectedException rejected) {
			String detail = rejected.getProblem().name().toLowerCase(Locale.ROOT);
			if (isNews(endpoint.registrationId() + " " + detail)) {
				this.events.publish(new TokenEvent(TokenEvent.Type.SIGNAL_REJECTED, endpoint.registrationId(), null,
						null, 0, detail));
			}
			return endpoint.receiver().rejected(rejected.getProblem());
		}
		if (isNews(endpoint.registrationId())) {
			logger.warn("A message for registration '%s' could not take effect; its sender was asked to repeat it"
				.formatted(endpoint.registrationId()), ex);
		}
		return SignalReply.later();
	}

	private boolean isNews(String what) {
		Instant now = this.clock.instant();
		Instant before = this.told.get(what);
		if (before == null) {
			return this.told.putIfAbsent(what, now) == null;
		}
		return !now.isBefore(before.plus(BETWEEN_REPORTS)) && this.told.replace(what, before, now);
	}

	@Override
	public void close() {
		this.executor.shutdownNow();
		this.effects.shutdownNow();
	}

	/**
	 * What is received at one path.
	 *
	 * @param registrationId id of the client registration whose grants are concerned
	 * @param receiver knows the sender
	 */
	public record Endpoint(String registrationId, SignalReceiver receiver) {
	}

}
