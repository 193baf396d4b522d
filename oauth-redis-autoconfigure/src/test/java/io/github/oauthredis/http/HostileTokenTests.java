package io.github.oauthredis.http;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import io.github.oauthredis.testkit.FakeResourceServer;
import io.github.oauthredis.token.TokenUnavailableException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * Hazard 26: a token that no header can carry, over every HTTP client there is. It
 * neither smuggles in a header or a request, nor is it quoted by the failure.
 */
class HostileTokenTests {

	private final FakeResourceServer api = FakeResourceServer.start();

	@AfterEach
	void stop() {
		this.api.close();
	}

	@ParameterizedTest
	@MethodSource("io.github.oauthredis.http.RedirectTests#clients")
	void sendWhenTokenIsNoHeaderValueSendsNothing(RedirectTests.Doors doors) {
		for (String token : List.of("canary\r\nX-Smuggled: 1", "canary\nX-Smuggled: 1", "canary\u0000", "canary\r",
				"canary\u007f", "canary\u010d\u010aX-Smuggled: 1", "canary\ud800", "\tcanary", "can\u00e9ary")) {
			FakeTokens tokens = new FakeTokens().source((request) -> token);
			Door door = doors.with(tokens, BearerTokenContractTests.SETTINGS);

			Throwable failure = catchThrowable(() -> door.getAs("one", this.api.uri("/x")));

			assertThat(failure).isInstanceOf(TokenUnavailableException.class);
			assertThat(trace(failure)).doesNotContain("canary", "X-Smuggled", "\u00e9ary");
		}
		assertThat(this.api.requests()).isEmpty();
	}

	@ParameterizedTest
	@MethodSource("io.github.oauthredis.http.RedirectTests#clients")
	void sendWhenRenewedTokenIsNoHeaderValuePassesOnRefusal(RedirectTests.Doors doors) {
		FakeTokens tokens = new FakeTokens().renewal((refused) -> "canary\n");
		this.api.reject("token-1");

		assertThat(doors.with(tokens, BearerTokenContractTests.SETTINGS).getAs("one", this.api.uri("/x")).status())
			.isEqualTo(401);
		assertThat(this.api.requests()).hasSize(1);
	}

	private static String trace(Throwable failure) {
		StringWriter trace = new StringWriter();
		failure.printStackTrace(new PrintWriter(trace, true));
		return trace.toString();
	}

}
