package io.github.oauthredis.webhook;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.http.HttpHeaders;

import io.github.oauthredis.testkit.FakeIssuer;
import io.github.oauthredis.token.Subject;
import io.github.oauthredis.webhook.SignalRejectedException.Problem;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link SecurityEventReceiver}.
 */
class SecurityEventReceiverTests {

	private static final String KIND = "https://schemas.openid.net/secevent/";

	private static final String SESSION_REVOKED = KIND + "caep/event-type/session-revoked";

	private static final FakeIssuer issuer = FakeIssuer.start();

	private static final Map<String, Object> ALICE = Map.of("format", "iss_sub", "iss", issuer.issuer(), "sub",
			"alice");

	private final SecurityEventReceiver receiver = new SecurityEventReceiver(Messages.verifier(issuer), null);

	@AfterAll
	static void close() {
		issuer.close();
	}

	@ParameterizedTest
	@ValueSource(strings = { "caep/event-type/session-revoked", "risc/event-type/account-disabled",
			"risc/event-type/account-purged", "risc/event-type/account-credential-change-required",
			"risc/event-type/sessions-revoked", "risc/event-type/credential-compromise",
			"oauth/event-type/tokens-revoked" })
	void receiveWhenEventRevokesReturnsSignal(String kind) {
		long now = Instant.now().getEpochSecond();

		Signal signal = receive(token(ALICE, KIND + kind, Map.of(), "iat", now));

		assertThat(signal.name()).isEqualTo(kind.substring(kind.lastIndexOf('/') + 1));
		assertThat(signal.subjects()).containsExactly(new Subject("sub", "alice"));
		assertThat(signal.keepUntil()).isEqualTo(Instant.ofEpochSecond(now).plus(Duration.ofDays(1)).plusSeconds(60));
	}

	@ParameterizedTest
	@ValueSource(strings = { "ssf/event-type/verification", "caep/event-type/assurance-level-change",
			"risc/event-type/account-enabled", "oauth/event-type/token-revoked" })
	void receiveWhenEventIsOfAnotherKindReturnsNothingToDo(String kind) {
		assertThat(receive(token(ALICE, KIND + kind, Map.of())).subjects()).isEmpty();
	}

	static Stream<Map<String, Object>> namesOfAlice() {
		return Stream.of(ALICE, Map.of("subject_type", "iss-sub", "iss", issuer.issuer(), "sub", "alice"),
				Map.of("format", "opaque", "id", "alice"), Map.of("format", "complex", "user", ALICE),
				Map.of("user", ALICE, "session", Map.of("format", "opaque", "id", "s1")));
	}

	@ParameterizedTest
	@MethodSource("namesOfAlice")
	void receiveWhenSubjectIsNamedReturnsIt(Map<String, Object> identifier) {
		assertThat(receive(token(identifier, SESSION_REVOKED, Map.of())).subjects())
			.containsExactly(new Subject("sub", "alice"));
		assertThat(receive(token(null, SESSION_REVOKED, Map.of("subject", identifier))).subjects())
			.containsExactly(new Subject("sub", "alice"));
	}

	@Test
	void receiveWhenSeveralEventsRevokeReturnsAllSubjects() {
		Map<String, Object> payloads = new LinkedHashMap<>();
		payloads.put(KIND + "risc/event-type/account-enabled", Map.of());
		payloads.put(SESSION_REVOKED, Map.of("subject", Map.of("format", "opaque", "id", "bob")));
		payloads.put(KIND + "risc/event-type/account-purged", Map.of("subject", Map.of("format", "unknown")));
		payloads.put(KIND + "risc/event-type/account-disabled", Map.of("subject", ALICE));

		Signal signal = receive(token(null, "", "", "events", payloads));

		assertThat(signal.subjects()).containsExactly(new Subject("sub", "bob"), new Subject("sub", "alice"));
		assertThat(signal.name()).isEqualTo("session-revoked");
	}

	@Test
	void receiveWhenSubjectIsAnAddressReturnsItInLowerCase() {
		assertThat(receive(token(Map.of("format", "email", "email", "Alice@Example.org"), SESSION_REVOKED, Map.of()))
			.subjects()).containsExactly(new Subject("email", "alice@example.org"));
	}

	static Stream<Map<String, Object>> namesOfNobody() {
		return Stream.of(Map.of(), Map.of("format", "phone_number", "phone_number", "+1"),
				Map.of("format", "iss_sub", "iss", "https://evil.example", "sub", "alice"),
				Map.of("format", "iss_sub", "iss", issuer.issuer()), Map.of("format", "opaque", "id", " "),
				Map.of("format", "opaque", "id", List.of("alice")), Map.of("user", Map.of("user", ALICE)));
	}

	@ParameterizedTest
	@NullSource
	@MethodSource("namesOfNobody")
	void receiveWhenSubjectIsNotUnderstoodFails(Map<String, Object> identifier) {
		assertProblem(Problem.SUBJECT, token(identifier, SESSION_REVOKED, Map.of()));
		assertProblem(Problem.SUBJECT, token(identifier, SESSION_REVOKED, "text"));
	}

	@Test
	void receiveWhenFlawedFails() {
		long now = Instant.now().getEpochSecond();

		assertProblem(Problem.ISSUER, token(ALICE, SESSION_REVOKED, Map.of(), "iss", "https://evil.example"));
		assertProblem(Problem.AUDIENCE, token(ALICE, SESSION_REVOKED, Map.of(), "aud", "another"));
		assertProblem(Problem.TIME, token(ALICE, SESSION_REVOKED, Map.of(), "iat", now - 90_000));
		assertProblem(Problem.TIME, token(ALICE, SESSION_REVOKED, Map.of(), "exp", now - 100));
		assertProblem(Problem.MALFORMED, token(ALICE, SESSION_REVOKED, Map.of(), "jti", null));
		assertProblem(Problem.CONTENT, token(ALICE, SESSION_REVOKED, Map.of(), "events", Map.of()));
		assertProblem(Problem.CONTENT, token(ALICE, SESSION_REVOKED, Map.of(), "events", "text"));
		assertProblem(Problem.SIGNATURE,
				FakeIssuer.sign(FakeIssuer.generate(), "secevent+jwt", issuer.claims("sub_id", ALICE)));
		assertProblem(Problem.MALFORMED, "a.b.c");
		assertProblem(Problem.MALFORMED, "");
	}

	@ParameterizedTest
	@NullSource
	@ValueSource(strings = { "JWT", "logout+jwt" })
	void receiveWhenTypeIsAnotherFails(String type) {
		assertProblem(Problem.TYPE, issuer.token(type, "sub_id", ALICE, "events", Map.of(SESSION_REVOKED, Map.of())));
	}

	@Test
	void receiveWhenContentTypeIsAnotherFails() {
		String token = token(ALICE, SESSION_REVOKED, Map.of());

		Messages.assertProblem(Problem.MALFORMED,
				() -> this.receiver.receive(Messages.delivery("application/jwt", token)));
	}

	@Test
	void receiveWhenSenderMustBeKnownChecksThat() {
		SecurityEventReceiver receiver = new SecurityEventReceiver(Messages.verifier(issuer), "agreed");
		Delivery delivery = Messages.delivery(Messages.EVENT, token(ALICE, SESSION_REVOKED, Map.of()));

		Messages.assertProblem(Problem.SENDER, () -> receiver.receive(delivery));
		delivery.headers().set(HttpHeaders.AUTHORIZATION, "Bearer other");
		Messages.assertProblem(Problem.SENDER, () -> receiver.receive(delivery));
		delivery.headers().set(HttpHeaders.AUTHORIZATION, "Bearer agreed");
		assertThat(receiver.receive(delivery).subjects()).isNotEmpty();
	}

	@Test
	void rejectedAnswersWithTheCodesOfTheStandard() {
		assertThat(Stream.of(Problem.values()).map((problem) -> this.receiver.rejected(problem).body()))
			.allMatch((body) -> body.isEmpty() || body.matches("\\{\"err\":\"[a-z_]+\",\"description\":\"[^\"]+\"}"));
		assertThat(this.receiver.rejected(Problem.ISSUER).body()).contains("invalid_issuer");
		assertThat(this.receiver.rejected(Problem.AUDIENCE).body()).contains("invalid_audience");
		assertThat(this.receiver.rejected(Problem.SIGNATURE).body()).contains("invalid_key");
		assertThat(this.receiver.rejected(Problem.SENDER).body()).contains("authentication_failed");
		assertThat(this.receiver.rejected(Problem.TIME).body()).contains("invalid_request");
		assertThat(this.receiver.rejected(Problem.SUBJECT).status()).isEqualTo(202);
	}

	private Signal receive(String token) {
		return this.receiver.receive(Messages.delivery(Messages.EVENT, token));
	}

	private void assertProblem(Problem problem, String token) {
		Messages.assertProblem(problem, () -> receive(token));
	}

	private static String token(Object identifier, String kind, Object payload, Object... changes) {
		Map<String, Object> claims = issuer.claims("sub", null, "exp", null, "sub_id", identifier, "events",
				Map.of(kind, payload));
		Stream.iterate(0, (i) -> i < changes.length, (i) -> i + 2)
			.forEach((i) -> claims.put((String) changes[i], changes[i + 1]));
		claims.values().removeIf((value) -> value == null);
		return FakeIssuer.sign(issuer.key(), "secevent+jwt", claims);
	}

}
