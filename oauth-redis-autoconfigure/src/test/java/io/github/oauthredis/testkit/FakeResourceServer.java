package io.github.oauthredis.testkit;

import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

import com.sun.net.httpserver.HttpExchange;
import org.jspecify.annotations.Nullable;

/**
 * A protected API over real HTTP on the loopback interface. It asks for a bearer token,
 * answers with the body it got, and refuses on request. Thread-safe; every rule may
 * change while it runs and counts from the next request on.
 */
public final class FakeResourceServer implements AutoCloseable {

	private static final int UNAUTHORIZED = 401;

	private static final int FORBIDDEN = 403;

	private final LoopbackServer server = new LoopbackServer("fake-resource-server");

	private final List<RecordedRequest> requests = new CopyOnWriteArrayList<>();

	private final Map<Integer, Integer> statuses = new ConcurrentHashMap<>();

	private final Map<String, Answer> redirects = new ConcurrentHashMap<>();

	private final Map<String, Answer> refusedTokens = new ConcurrentHashMap<>();

	private final Script<Integer> refusals = new Script<>();

	private final Set<Gate> gates = ConcurrentHashMap.newKeySet();

	private volatile Predicate<String> active = (token) -> true;

	private volatile @Nullable Gate gate;

	private FakeResourceServer() {
		this.server.handle("/", this::handle).start();
	}

	public static FakeResourceServer start() {
		return new FakeResourceServer();
	}

	public URI uri(String path) {
		return this.server.uri(path);
	}

	public int port() {
		return this.server.port();
	}

	/**
	 * Ask somebody whether a token is good, such as
	 * {@link FakeAuthorizationServer#isActive(String)}.
	 * @param active tells good tokens; others are answered 401
	 * @return this server
	 */
	public FakeResourceServer activeTokens(Predicate<String> active) {
		this.active = active;
		return this;
	}

	/**
	 * Answer every request with this token 401.
	 * @param token the token
	 * @return this server
	 */
	public FakeResourceServer reject(String token) {
		this.refusedTokens.put(token, refusal(UNAUTHORIZED));
		return this;
	}

	public FakeResourceServer rejectNext(int count) {
		this.refusals.next(count, UNAUTHORIZED);
		return this;
	}

	public FakeResourceServer rejectAlways() {
		return rejectNext(Integer.MAX_VALUE);
	}

	/**
	 * Answer every request with this token 403 {@code insufficient_scope}.
	 * @param token the token
	 * @return this server
	 */
	public FakeResourceServer forbid(String token) {
		this.refusedTokens.put(token, refusal(FORBIDDEN));
		return this;
	}

	/**
	 * Answer every request with this token so.
	 * @param token the token
	 * @param status the HTTP status
	 * @param challenge the {@code WWW-Authenticate} header as it stands
	 * @return this server
	 */
	public FakeResourceServer refuse(String token, int status, String challenge) {
		this.refusedTokens.put(token, new Answer(status, Map.of("WWW-Authenticate", challenge), ""));
		return this;
	}

	public FakeResourceServer forbidNext(int count) {
		this.refusals.next(count, FORBIDDEN);
		return this;
	}

	/**
	 * Answer a path with a redirect, whoever asks.
	 * @param path the path
	 * @param status the HTTP status
	 * @param location the {@code Location} header as it stands
	 * @return this server
	 */
	public FakeResourceServer redirect(String path, int status, String location) {
		this.redirects.put(path, new Answer(status, Map.of("Location", location), ""));
		return this;
	}

	/**
	 * End all refusals by token and by count, and release what is held. Redirects and the
	 * question for active tokens stay.
	 * @return this server
	 */
	public FakeResourceServer accept() {
		this.refusals.clear();
		this.refusedTokens.clear();
		this.gate = null;
		this.gates.forEach(Gate::release);
		this.gates.clear();
		return this;
	}

	/**
	 * Hold every answer. What it says is decided before, when the request arrives.
	 * @return the gate at which the answers wait
	 */
	public Gate hold() {
		Gate gate = new Gate();
		this.gates.add(gate);
		this.gate = gate;
		return gate;
	}

	/**
	 * Return the requests in the order of their arrival, refused ones included.
	 * @return the requests
	 */
	public List<RecordedRequest> requests() {
		return List.copyOf(this.requests);
	}

	public List<RecordedRequest> requests(String path) {
		return requests().stream().filter((request) -> request.path().equals(path)).toList();
	}

	/**
	 * Return how many requests were answered so.
	 * @param status the HTTP status
	 * @return the number of answers decided, held ones included
	 */
	public int answers(int status) {
		return this.statuses.getOrDefault(status, 0);
	}

	@Override
	public void close() {
		accept();
		this.server.close();
	}

	private void handle(HttpExchange exchange) throws IOException {
		RecordedRequest request = RecordedRequest.read(exchange);
		this.requests.add(request);
		Answer answer = answer(request);
		this.statuses.merge(answer.status(), 1, Integer::sum);
		Gate gate = this.gate;
		if (gate != null) {
			gate.pass();
		}
		if (answer.status() == 200) {
			echo(exchange, request);
			return;
		}
		Delivery.whole().deliver(exchange, answer, () -> {
		});
	}

	private Answer answer(RecordedRequest request) {
		Answer redirect = this.redirects.get(request.path());
		if (redirect != null) {
			return redirect;
		}
		String token = request.bearerToken();
		if (token == null) {
			return new Answer(UNAUTHORIZED, Map.of("WWW-Authenticate", "Bearer"), "");
		}
		Answer refused = this.refusedTokens.get(token);
		if (refused != null) {
			return refused;
		}
		Integer refusal = this.active.test(token) ? this.refusals.take() : Integer.valueOf(UNAUTHORIZED);
		return (refusal != null) ? refusal(refusal) : new Answer(200, Map.of(), "");
	}

	private static Answer refusal(int status) {
		String error = (status == FORBIDDEN) ? "insufficient_scope" : "invalid_token";
		return new Answer(status, Map.of("WWW-Authenticate", "Bearer error=\"" + error + "\""), "");
	}

	private static void echo(HttpExchange exchange, RecordedRequest request) throws IOException {
		byte[] body = request.body();
		String contentType = request.header("Content-Type");
		exchange.getResponseHeaders().set("Content-Type", (contentType != null) ? contentType : "text/plain");
		exchange.sendResponseHeaders(200, (body.length > 0) ? body.length : -1);
		if (body.length > 0) {
			exchange.getResponseBody().write(body);
		}
	}

}
