package io.github.oauthredis.testkit;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

/**
 * Tests for {@link TcpProxy}, with a server that answers each line with itself.
 */
class TcpProxyTests {

	private static final Duration BOUND = Duration.ofSeconds(20);

	private static final Duration SHORT = Duration.ofMillis(100);

	private final List<String> received = new CopyOnWriteArrayList<>();

	private ServerSocket echo;

	private TcpProxy proxy;

	@BeforeEach
	void start() throws IOException {
		this.echo = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
		Daemon.start("echo", this::serve);
		this.proxy = TcpProxy.to("127.0.0.1", this.echo.getLocalPort());
	}

	@AfterEach
	void close() throws IOException {
		this.proxy.close();
		this.echo.close();
	}

	@Test
	void passThroughDeliversBothWaysAndCounts() throws IOException {
		try (LineClient client = new LineClient(this.proxy)) {
			assertThat(client.ask("hello")).isEqualTo("hello");
			assertThat(client.ask("again")).isEqualTo("again");

			assertThat(this.proxy.connections()).isOne();
			assertThat(this.proxy.openConnections()).isOne();
			assertThat(this.proxy.bytes(TcpProxy.Direction.UPSTREAM)).isEqualTo(12);
			assertThat(this.proxy.bytes(TcpProxy.Direction.DOWNSTREAM)).isEqualTo(12);
		}
		Await.until("the end of the connection", BOUND, () -> this.proxy.openConnections() == 0);
	}

	@Test
	void delayAddsLatencyAndKeepsThroughput() throws IOException {
		this.proxy.delay(SHORT);
		int lines = 200;
		try (LineClient client = new LineClient(this.proxy)) {
			long start = System.nanoTime();
			for (int i = 0; i < lines; i++) {
				client.send("line " + i);
			}
			for (int i = 0; i < lines; i++) {
				assertThat(client.receive()).isEqualTo("line " + i);
			}
			long millis = (System.nanoTime() - start) / 1_000_000;

			assertThat(millis).isGreaterThanOrEqualTo(2 * SHORT.toMillis());
			assertThat(millis).isLessThan(lines * SHORT.toMillis() / 2);
		}
	}

	@Test
	void blackHoleUpstreamKeepsRequestsUntilPassThrough() throws IOException {
		try (LineClient client = new LineClient(this.proxy)) {
			client.ask("before");
			this.proxy.blackHole(TcpProxy.Direction.UPSTREAM);

			client.send("held");

			assertThatExceptionOfType(SocketTimeoutException.class).isThrownBy(() -> client.receive(SHORT));
			assertThat(this.received).containsExactly("before");
			this.proxy.passThrough();
			assertThat(client.receive()).isEqualTo("held");
		}
	}

	@Test
	void blackHoleDownstreamLetsRequestsThrough() throws IOException {
		try (LineClient client = new LineClient(this.proxy)) {
			this.proxy.blackHole(TcpProxy.Direction.DOWNSTREAM);

			client.send("heard");

			Await.until("the request", BOUND, () -> this.received.contains("heard"));
			assertThatExceptionOfType(SocketTimeoutException.class).isThrownBy(() -> client.receive(SHORT));
			this.proxy.passThrough();
			assertThat(client.receive()).isEqualTo("heard");
		}
	}

	@Test
	void cutResetsConnectionsAndAcceptsNewOnes() throws IOException {
		try (LineClient client = new LineClient(this.proxy)) {
			client.ask("hello");

			this.proxy.cut();

			assertThatIOException().isThrownBy(client::receive).withMessageContaining("reset");
		}
		try (LineClient client = new LineClient(this.proxy)) {
			assertThat(client.ask("new")).isEqualTo("new");
		}
		assertThat(this.proxy.connections()).isEqualTo(2);
	}

	@Test
	void refuseThenComeBackKeepsThePort() throws IOException {
		try (LineClient client = new LineClient(this.proxy)) {
			client.ask("hello");
			this.proxy.refuse();

			assertThatIOException().isThrownBy(client::receive);
			assertThatExceptionOfType(ConnectException.class).isThrownBy(() -> new LineClient(this.proxy));
		}
		this.proxy.comeBack();

		try (LineClient client = new LineClient(this.proxy)) {
			assertThat(client.ask("back")).isEqualTo("back");
		}
	}

	@Test
	void connectWhenServerIsGoneIsReset() throws IOException {
		try (TcpProxy toNobody = TcpProxy.to("127.0.0.1", Ports.free())) {
			assertThatIOException().isThrownBy(() -> {
				try (LineClient client = new LineClient(toNobody)) {
					client.ask("hello");
				}
			});
		}
	}

	@Test
	void dropNextReplyLosesExactlyOne() throws IOException {
		try (LineClient client = new LineClient(this.proxy)) {
			client.ask("first");
			this.proxy.dropNextReply();

			client.send("second");
			Await.until("the drop", BOUND, () -> this.proxy.drops() == 1);

			assertThat(this.received).containsExactly("first", "second");
			assertThat(client.ask("third")).isEqualTo("third");
			assertThat(client.ask("fourth")).isEqualTo("fourth");
			assertThat(this.proxy.drops()).isOne();
		}
	}

	@Test
	void dropReplyWhenGivenARequestWaitsForIt() throws IOException {
		this.proxy.dropReply((request) -> request.contains("commit"));
		try (LineClient client = new LineClient(this.proxy); LineClient other = new LineClient(this.proxy)) {
			assertThat(client.ask("acquire")).isEqualTo("acquire");

			client.send("commit");
			Await.until("the drop", BOUND, () -> this.proxy.drops() == 1);

			assertThat(other.ask("find")).isEqualTo("find");
			assertThat(client.ask("commit")).isEqualTo("commit");
		}
	}

	@Test
	void cutOnReplyResetsAfterTheServerGotTheRequest() throws IOException {
		try (LineClient client = new LineClient(this.proxy)) {
			this.proxy.cutOnReply((request) -> true);

			assertThatIOException().isThrownBy(() -> client.ask("commit"));

			assertThat(this.received).containsExactly("commit");
		}
	}

	@Test
	void dropRequestKeepsItFromTheServer() throws IOException {
		try (LineClient client = new LineClient(this.proxy)) {
			this.proxy.dropRequest((request) -> request.contains("commit"));

			client.send("commit");
			Await.until("the drop", BOUND, () -> this.proxy.drops() == 1);

			assertThat(client.ask("find")).isEqualTo("find");
			assertThat(this.received).containsExactly("find");
		}
	}

	@Test
	void cutOnRequestResetsBeforeTheServerGotIt() throws IOException {
		try (LineClient client = new LineClient(this.proxy)) {
			this.proxy.cutOnRequest((request) -> true);

			assertThatIOException().isThrownBy(() -> client.ask("commit"));

			assertThat(this.received).isEmpty();
		}
	}

	@Test
	void holdParksOneRequest() throws IOException {
		Gate gate = this.proxy.hold((request) -> request.contains("commit"));
		try (LineClient client = new LineClient(this.proxy); LineClient other = new LineClient(this.proxy)) {
			client.send("commit");
			gate.awaitHeld(1);

			assertThat(other.ask("find")).isEqualTo("find");
			assertThat(this.received).containsExactly("find");
			gate.release();
			assertThat(client.receive()).isEqualTo("commit");
		}
	}

	private void serve() {
		while (!this.echo.isClosed()) {
			try {
				Socket socket = this.echo.accept();
				Daemon.start("echo-connection", () -> answer(socket));
			}
			catch (IOException ex) {
				return;
			}
		}
	}

	private void answer(Socket socket) {
		try (socket; BufferedReader reader = LineClient.reader(socket)) {
			for (String line = reader.readLine(); line != null; line = reader.readLine()) {
				this.received.add(line);
				socket.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
			}
		}
		catch (IOException ex) {
			// The test ended or cut the connection.
		}
	}

}
