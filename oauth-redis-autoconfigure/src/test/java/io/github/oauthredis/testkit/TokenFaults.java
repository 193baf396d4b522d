package io.github.oauthredis.testkit;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

/**
 * What goes wrong at the token endpoint of the {@link FakeAuthorizationServer}.
 * Thread-safe.
 * <p>
 * In this order a request is held, refused without a look at it or else processed, held
 * again, delayed, and its answer delivered in one way or another.
 */
public final class TokenFaults {

	private static final Hold NOBODY = new Hold((request) -> false, new Gate());

	private final Script<Answer> refusals = new Script<>();

	private final Script<Delivery> deliveries = new Script<>();

	private final Set<Gate> gates = ConcurrentHashMap.newKeySet();

	private final LoopbackServer server;

	private volatile Hold arrivals = NOBODY;

	private volatile Hold departures = NOBODY;

	private volatile Duration delay = Duration.ZERO;

	private volatile Duration drip = Duration.ZERO;

	TokenFaults(LoopbackServer server) {
		this.server = server;
	}

	/**
	 * Refuse the next requests without looking at them.
	 * @param count how many
	 * @param status the HTTP status, may be 200
	 * @param error the OAuth2 error code
	 * @param retryAfter the {@code Retry-After} header as it stands, or null for none
	 * @return this
	 */
	public TokenFaults failNext(int count, int status, String error, @Nullable String retryAfter) {
		Map<String, String> headers = new LinkedHashMap<>(Map.of("Content-Type", "application/json"));
		if (retryAfter != null) {
			headers.put("Retry-After", retryAfter);
		}
		return answerNext(count, status, headers, RawJson.error(error));
	}

	/**
	 * Refuse all requests without looking at them, until {@link #none()}.
	 * @param status the HTTP status
	 * @param error the OAuth2 error code
	 * @return this
	 */
	public TokenFaults failAlways(int status, String error) {
		return failNext(Integer.MAX_VALUE, status, error, null);
	}

	/**
	 * Answer the next requests without looking at them.
	 * @param count how many
	 * @param status the HTTP status
	 * @param headers the headers
	 * @param body the body as it stands
	 * @return this
	 */
	public TokenFaults answerNext(int count, int status, Map<String, String> headers, String body) {
		this.refusals.next(count, new Answer(status, headers, body));
		return this;
	}

	/**
	 * Wait between issuing and answering.
	 * @param delay how long
	 * @return this
	 */
	public TokenFaults delay(Duration delay) {
		this.delay = delay;
		return this;
	}

	/**
	 * Send the body byte by byte.
	 * @param interval the time before each byte, zero for all at once
	 * @return this
	 */
	public TokenFaults dripBody(Duration interval) {
		this.drip = interval;
		return this;
	}

	/**
	 * Issue, then close the connection without an answer.
	 * @param count for how many requests
	 * @return this
	 */
	public TokenFaults dropNextAnswers(int count) {
		this.deliveries.next(count, Delivery.none());
		return this;
	}

	/**
	 * Issue, then answer with valid JSON and a great deal of white space.
	 * @param count for how many requests
	 * @param size the size of the body in bytes
	 * @return this
	 */
	public TokenFaults padNextAnswers(int count, int size) {
		this.deliveries.next(count, Delivery.padded(size));
		return this;
	}

	/**
	 * Issue, then answer with the first half of the JSON.
	 * @param count for how many requests
	 * @return this
	 */
	public TokenFaults garbleNextAnswers(int count) {
		this.deliveries.next(count, Delivery.halved());
		return this;
	}

	/**
	 * End all faults and release all requests that are held.
	 */
	public void none() {
		this.refusals.clear();
		this.deliveries.clear();
		this.delay = Duration.ZERO;
		this.drip = Duration.ZERO;
		this.arrivals = NOBODY;
		this.departures = NOBODY;
		this.gates.forEach(Gate::release);
		this.gates.clear();
	}

	Gate hold(Predicate<TokenRequest> which) {
		this.arrivals = newHold(which);
		return this.arrivals.gate();
	}

	Gate holdAnswers(Predicate<TokenRequest> which) {
		this.departures = newHold(which);
		return this.departures.gate();
	}

	void arrive(TokenRequest request) {
		this.arrivals.pass(request);
	}

	@Nullable Answer refusal() {
		return this.refusals.take();
	}

	void depart(TokenRequest request) {
		this.departures.pass(request);
		this.server.pause(this.delay);
	}

	Delivery delivery() {
		Delivery scripted = this.deliveries.take();
		if (scripted != null) {
			return scripted;
		}
		Duration interval = this.drip;
		return interval.isZero() ? Delivery.whole() : Delivery.drip(this.server, interval);
	}

	private Hold newHold(Predicate<TokenRequest> which) {
		Gate gate = new Gate();
		this.gates.add(gate);
		return new Hold(which, gate);
	}

	private record Hold(Predicate<TokenRequest> which, Gate gate) {

		void pass(TokenRequest request) {
			if (this.which.test(request)) {
				this.gate.pass();
			}
		}

	}

}
