package io.github.oauthredis.webhook;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import com.nimbusds.jose.jwk.RSAKey;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauthredis.crypto.SignedTokenException;
import io.github.oauthredis.testkit.FakeIssuer;
import io.github.oauthredis.token.Subject;
import io.github.oauthredis.webhook.SignalRejectedException.Problem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link LogoutReceiver}.
 */
class LogoutReceiverTests {

	private static final FakeIssuer issuer = FakeIssuer.start();

	private final LogoutReceiver receiver = new LogoutReceiver(Messages.verifier(issuer));

	@AfterAll
	static void close() {
		issuer.close();
	}

	@ParameterizedTest
	@NullSource
	@ValueSource(strings = { "logout+jwt", "LOGOUT+JWT", "application/logout+jwt", "JWT" })
	void receiveWhenFlawlessReturnsSignal(String type) {
		Instant end = Instant.ofEpochSecond(Instant.now().plusSeconds(100).getEpochSecond());

		Signal signal = receive(issuer.token(type, "sid", "s1", "jti", "id-1", "exp", end.getEpochSecond()));

		assertThat(signal.subjects()).containsExactly(new Subject("sub", "alice"), new Subject("sid", "s1"));
		assertThat(signal.id()).isEqualTo("id-1");
		assertThat(signal.keepUntil()).isEqualTo(end.plusSeconds(60));
	}

	@Test
	void receiveWhenOneNameIsThereReturnsIt() {
		assertThat(receive(token("sub", null, "sid", "s1")).subjects()).containsExactly(new Subject("sid", "s1"));
		assertThat(receive(token()).subjects()).containsExactly(new Subject("sub", "alice"));
	}

	@Test
	void receiveWhenAudienceIsOneTextReturnsSignal() {
		assertThat(receive(token("aud", FakeIssuer.CLIENT_ID)).subjects()).isNotEmpty();
		assertThat(receive(token("aud", List.of("x", FakeIssuer.CLIENT_ID))).subjects()).isNotEmpty();
	}

	static Stream<Arguments> flaws() {
		long now = Instant.now().getEpochSecond();
		return Stream.of(Arguments.of(Problem.ISSUER, "iss", "https://evil.example"),
				Arguments.of(Problem.ISSUER, "iss", null), Arguments.of(Problem.AUDIENCE, "aud", "another"),
				Arguments.of(Problem.AUDIENCE, "aud", List.of("another")), Arguments.of(Problem.AUDIENCE, "aud", null),
				Arguments.of(Problem.AUDIENCE, "aud", Map.of(FakeIssuer.CLIENT_ID, "")),
				Arguments.of(Problem.TIME, "iat", now - 700), Arguments.of(Problem.TIME, "iat", now + 100),
				Arguments.of(Problem.TIME, "iat", null), Arguments.of(Problem.TIME, "iat", "now"),
				Arguments.of(Problem.TIME, "iat", -1), Arguments.of(Problem.TIME, "iat", Long.MAX_VALUE),
				Arguments.of(Problem.TIME, "iat", 1e300), Arguments.of(Problem.TIME, "exp", now - 70),
				Arguments.of(Problem.TIME, "exp", null), Arguments.of(Problem.TIME, "exp", "never"),
				Arguments.of(Problem.TIME, "exp", Long.MAX_VALUE), Arguments.of(Problem.CONTENT, "events", null),
				Arguments.of(Problem.CONTENT, "events", Map.of()),
				Arguments.of(Problem.CONTENT, "events", Map.of("x", Map.of())),
				Arguments.of(Problem.CONTENT, "events", Map.of(FakeIssuer.LOGOUT, "yes")),
				Arguments.of(Problem.CONTENT, "events", List.of(FakeIssuer.LOGOUT)),
				Arguments.of(Problem.CONTENT, "nonce", "n"), Arguments.of(Problem.MALFORMED, "jti", null),
				Arguments.of(Problem.MALFORMED, "jti", " "), Arguments.of(Problem.MALFORMED, "jti", 1),
				Arguments.of(Problem.SUBJECT, "sub", null), Arguments.of(Problem.SUBJECT, "sub", ""),
				Arguments.of(Problem.SUBJECT, "sub", 7));
	}

	@ParameterizedTest
	@MethodSource("flaws")
	void receiveWhenFlawedFails(Problem problem, String claim, Object value) {
		assertProblem(problem, token(claim, value));
	}

	@Test
	void receiveWhenClocksDifferALittleReturnsSignal() {
		long now = Instant.now().getEpochSecond();

		assertThat(receive(token("iat", now + 50)).subjects()).isNotEmpty();
		assertThat(receive(token("iat", now - 120, "exp", now - 50)).subjects()).isNotEmpty();
	}

	@Test
	void receiveWhenEndIsFarAwayKeepsItAsLongAsItIsBelieved() {
		long now = Instant.now().getEpochSecond();

		assertThat(receive(token("iat", now, "exp", now + 1_000_000)).keepUntil())
			.isEqualTo(Instant.ofEpochSecond(now).plus(Duration.ofMinutes(11)));
	}

	@Test
	void receiveWhenTypeIsAnotherFails() {
		assertProblem(Problem.TYPE, issuer.token("at+jwt"));
	}

	@Test
	void receiveWhenSomebodyElseSignedFails() {
		RSAKey sameId = new RSAKey.Builder(FakeIssuer.generate()).keyID(issuer.key().getKeyID()).build();

		assertProblem(Problem.SIGNATURE, FakeIssuer.sign(sameId, "logout+jwt", issuer.claims()));
		assertProblem(Problem.SIGNATURE, FakeIssuer.sign(FakeIssuer.generate(), "logout+jwt", issuer.claims()));
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "logout_token=", "logout_token=%", "logout_token=a&logout_token=b", "token=x",
			"logout_token=a.b.c" })
	void receiveWhenBodyIsGarbageFails(String body) {
		Messages.assertProblem(Problem.MALFORMED, () -> this.receiver.receive(Messages.delivery(Messages.FORM, body)));
	}

	@Test
	void receiveWhenTwoTokensCameFails() {
		String body = Messages.form(token()) + "&" + Messages.form(token());

		Messages.assertProblem(Problem.MALFORMED, () -> this.receiver.receive(Messages.delivery(Messages.FORM, body)));
	}

	@ParameterizedTest
	@ValueSource(strings = { "application/json", "text/plain", "" })
	void receiveWhenContentTypeIsAnotherFails(String contentType) {
		Messages.assertProblem(Problem.MALFORMED,
				() -> this.receiver.receive(Messages.delivery(contentType, Messages.form(token()))));
	}

	@Test
	void receiveWhenFormHasOtherParametersIgnoresThem() {
		assertThat(this.receiver
			.receive(Messages.delivery(Messages.FORM + ";charset=utf-8", "a=b&" + Messages.form(token()) + "&state="))
			.subjects()).isNotEmpty();
	}

	@Test
	void receiveWhenKeysCannotBeHadIsNoRejection() {
		try (FakeIssuer away = FakeIssuer.start()) {
			away.answer(500, "{}");

			assertThatExceptionOfType(SignedTokenException.class).isThrownBy(
					() -> new LogoutReceiver(Messages.verifier(away)).receive(Messages.logout(away.token(null))));
		}
	}

	@Test
	void receiveWhenKeysAreTooLongIsNoRejection() {
		try (FakeIssuer away = FakeIssuer.start()) {
			away.answer(200, "{\"keys\":[" + " ".repeat(300_000) + "]}");

			assertThatExceptionOfType(SignedTokenException.class).isThrownBy(
					() -> new LogoutReceiver(Messages.verifier(away)).receive(Messages.logout(away.token(null))));
		}
	}

	private Signal receive(String token) {
		return this.receiver.receive(Messages.logout(token));
	}

	private void assertProblem(Problem problem, String token) {
		Messages.assertProblem(problem, () -> receive(token));
	}

	private static String token(Object... changes) {
		return issuer.token("logout+jwt", changes);
	}

}
