package io.github.oauthredis.client;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import io.github.oauthredis.refresh.TokenAnswer;
import io.github.oauthredis.refresh.TokenRequestException;
import io.github.oauthredis.refresh.TokenSource;
import io.github.oauthredis.store.Failure.Kind;
import io.github.oauthredis.testkit.Await;
import io.github.oauthredis.testkit.CapturedLogs;
import io.github.oauthredis.testkit.Hostile;
import io.github.oauthredis.testkit.RawServer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

/**
 * A token endpoint that breaks every rule of HTTP, byte by byte. Each answer ends in the
 * documented failure, in bounded time and memory, and nothing quotes it.
 */
class HostileEndpointTests {

	private static final Duration BOUND = Duration.ofSeconds(20);

	private static final String HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX: " + Hostile.CANARY
			+ "\r\n";

	private final RawServer server = RawServer.start();

	private CapturedLogs logs;

	private TokenSource source;

	@BeforeEach
	void start() {
		TokenEndpoint endpoint = new TokenEndpoint((id) -> TestClients.settings(Duration.ofMillis(500), Map.of()),
				Duration.ofSeconds(2), null, Clock.systemUTC());
		this.source = new TokenSources(endpoint, UserTokenClients.NONE)
			.clientCredentials(TestClients.service(this.server.uri("/token")).build(), Map.of());
		this.logs = CapturedLogs.start();
	}

	@AfterEach
	void stop() {
		this.logs.close();
		this.server.close();
	}

	static Stream<Arguments> answers() {
		String token = "{\"access_token\":\"" + Hostile.CANARY + "\",\"token_type\":\"bearer\"";
		return Stream.of(argumentSet("nothing", text("")), argumentSet("no HTTP", text(Hostile.CANARY + "\r\n\r\n")),
				argumentSet("no status", text("HTTP/1.1 " + Hostile.CANARY + "\r\n\r\n")),
				argumentSet("odd status", text("HTTP/1.1 999 " + Hostile.CANARY + "\r\nContent-Length: 0\r\n\r\n")),
				argumentSet("no body", text(HEAD + "Content-Length: 0\r\n\r\n")),
				argumentSet("less than promised", text(HEAD + "Content-Length: 9999\r\n\r\n" + token + "}")),
				argumentSet("negative length", text(HEAD + "Content-Length: -5\r\n\r\n" + token)),
				argumentSet("two lengths", text(HEAD + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n" + token)),
				argumentSet("no length and no end", text(HEAD + "\r\n" + token)),
				argumentSet("bad chunk", text(HEAD + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n" + token)),
				argumentSet("no chunk", text(HEAD + "Transfer-Encoding: chunked\r\n\r\n" + Hostile.CANARY)),
				argumentSet("unknown encoding",
						text(HEAD + "Transfer-Encoding: " + Hostile.CANARY + "\r\n\r\n" + token)),
				argumentSet("broken header", text("HTTP/1.1 200 OK\r\n" + Hostile.CANARY + "\r\n\r\n" + token + "}")),
				argumentSet("other type",
						text("HTTP/1.1 200 OK\r\nContent-Type: text/" + Hostile.CANARY
								+ "\r\nContent-Length: 2\r\n\r\n{}")),
				argumentSet("no such type",
						text("HTTP/1.1 200 OK\r\nContent-Type: " + Hostile.CANARY
								+ ";;;\r\nContent-Length: 2\r\n\r\n{}")),
				argumentSet("two answers", text(HEAD + "Content-Length: 2\r\n\r\n{}" + HEAD)),
				argumentSet("small answer that unfolds into a large one", bomb(100_000_000)),
				argumentSet("compressed answer", bomb(1000)),
				argumentSet("body without end", endless(HEAD + "\r\n" + token, " ".repeat(8192))),
				argumentSet("chunks without end",
						endless(HEAD + "Transfer-Encoding: chunked\r\n\r\n", "2000\r\n" + " ".repeat(0x2000) + "\r\n")),
				argumentSet("empty lines without end", endless("", "\r\n".repeat(4096))),
				argumentSet("headers without end",
						endless("HTTP/1.1 200 OK\r\n", ("X: " + Hostile.CANARY + "\r\n").repeat(500))),
				argumentSet("a header without end", endless("HTTP/1.1 200 OK\r\nX: ", "x".repeat(8192))),
				argumentSet("a status without end", endless("HTTP/1.1 200 ", "x".repeat(8192))),
				argumentSet("interim answers without end", endless("", "HTTP/1.1 100 Continue\r\n\r\n".repeat(400))),
				argumentSet("error without end",
						endless("HTTP/1.1 400 Bad\r\nContent-Type: application/json\r\n\r\n",
								"{\"error\":\"" + " ".repeat(8192))),
				argumentSet("nested without end", endless(HEAD + "\r\n{\"a\":", "[".repeat(8192))),
				argumentSet("text without end", endless(HEAD + "\r\n{\"access_token\":\"", "x".repeat(8192))),
				argumentSet("number without end", endless(HEAD + "\r\n{\"expires_in\":", "9".repeat(8192))));
	}

	@ParameterizedTest
	@MethodSource("answers")
	@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
	void answerFailsAsDocumented(RawServer.Answer answer) {
		this.server.answer(answer);

		CompletionException failure = catchThrowableOfType(CompletionException.class, this::ask);

		assertThat(failure).isNotNull();
		assertThat(failure.getCause()).isInstanceOf(TokenRequestException.class);
		TokenRequestException cause = (TokenRequestException) failure.getCause();
		assertThat(cause.getCode()).isIn("malformed_answer", "connection_closed", "timeout", "http_999", "http_400");
		if (!cause.getCode().startsWith("http_")) {
			// Whether a rotating server has used the refresh token up is unknown.
			assertThat(cause.getKind()).isEqualTo(Kind.AMBIGUOUS);
		}
		StringWriter trace = new StringWriter();
		failure.printStackTrace(new PrintWriter(trace, true));
		assertThat(trace.toString()).doesNotContain(Hostile.CANARY);
		assertThat(this.logs.text()).doesNotContain(Hostile.CANARY);
	}

	/**
	 * The server whose body has no end must not hold a connection for good.
	 */
	@Test
	void connectionOfABodyWithoutEndIsClosed() {
		this.server.answer(endless(HEAD + "\r\n", " ".repeat(8192)));

		assertThat(catchThrowableOfType(CompletionException.class, this::ask)).isNotNull();

		Await.until("the end of the connection", BOUND, () -> this.server.ended() == 1);
	}

	@Test
	void serverThatAnswersAfterwardsIsHeard() {
		this.server.answer(endless(HEAD + "\r\n", " ".repeat(8192)));
		assertThat(catchThrowableOfType(CompletionException.class, this::ask)).isNotNull();

		this.server.answer(text("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 23\r\n\r\n"
				+ "{\"access_token\":\"good\"}"));

		assertThat(ask().accessToken()).isEqualTo("good");
	}

	private TokenAnswer ask() {
		return this.source.request(null).toCompletableFuture().join();
	}

	private static RawServer.Answer text(String text) {
		return (out) -> out.write(text.getBytes(StandardCharsets.UTF_8));
	}

	private static RawServer.Answer endless(String beginning, String rest) {
		return (out) -> {
			out.write(beginning.getBytes(StandardCharsets.UTF_8));
			byte[] bytes = rest.getBytes(StandardCharsets.UTF_8);
			while (true) {
				out.write(bytes);
			}
		};
	}

	private static RawServer.Answer bomb(int size) {
		return (out) -> {
			byte[] body = compressed(size);
			out.write((HEAD + "Content-Encoding: gzip\r\nContent-Length: " + body.length + "\r\n\r\n")
				.getBytes(StandardCharsets.UTF_8));
			out.write(body);
		};
	}

	private static byte[] compressed(int size) throws IOException {
		ByteArrayOutputStream compressed = new ByteArrayOutputStream();
		try (OutputStream out = new GZIPOutputStream(compressed)) {
			out.write("{\"access_token\":\"good\"".getBytes(StandardCharsets.UTF_8));
			byte[] blanks = new byte[8192];
			Arrays.fill(blanks, (byte) ' ');
			for (int i = 0; i < size / blanks.length; i++) {
				out.write(blanks);
			}
			out.write('}');
		}
		return compressed.toByteArray();
	}

}
