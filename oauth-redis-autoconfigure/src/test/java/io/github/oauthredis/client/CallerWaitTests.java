package io.github.oauthredis.client;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import io.github.oauthredis.token.GrantLostException;
import io.github.oauthredis.token.TokenUnavailableException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class CallerWaitTests {

	@AfterEach
	void clearInterrupt() {
		Thread.interrupted();
	}

	@Test
	void awaitWhenThereReturnsIt() {
		assertThat(CallerWait.await("github", CompletableFuture.completedFuture("x"), Duration.ofSeconds(1)))
			.isEqualTo("x");
	}

	/**
	 * Hazard 12: the wait ends, what was waited for does not.
	 */
	@Test
	void awaitWhenInterruptedFailsRetryablyAndStaysInterrupted() {
		CompletableFuture<String> stage = new CompletableFuture<>();
		Thread.currentThread().interrupt();

		assertThatExceptionOfType(TokenUnavailableException.class)
			.isThrownBy(() -> CallerWait.await("github", stage, Duration.ofSeconds(1)))
			.satisfies((ex) -> assertThat(ex.isRetryable()).isTrue())
			.satisfies((ex) -> assertThat(ex.getRegistrationId()).isEqualTo("github"));
		assertThat(Thread.currentThread().isInterrupted()).isTrue();
		assertThat(stage).isNotDone();
	}

	@Test
	void awaitWhenTooLongFailsRetryably() {
		CompletableFuture<String> stage = new CompletableFuture<>();

		assertThatExceptionOfType(TokenUnavailableException.class)
			.isThrownBy(() -> CallerWait.await("github", stage, Duration.ofSeconds(-2).plusMillis(1)))
			.satisfies((ex) -> assertThat(ex.isRetryable()).isTrue())
			.satisfies((ex) -> assertThat(ex.getError().getErrorCode()).isEqualTo("timeout"));
		assertThat(stage).isNotDone();
	}

	@Test
	void awaitWhenUnavailableFailsWithOneThatShowsTheCaller() {
		Instant retryAt = Instant.parse("2026-07-28T12:00:00Z");
		TokenUnavailableException shared = new TokenUnavailableException("http_503", "No token", "github", true,
				retryAt, null);

		assertThatExceptionOfType(TokenUnavailableException.class)
			.isThrownBy(() -> CallerWait.await("github",
					CompletableFuture.failedFuture(new CompletionException(shared)), Duration.ofSeconds(1)))
			.withMessage("No token")
			.withCause(shared)
			.satisfies((ex) -> assertThat(ex).isNotSameAs(shared))
			.satisfies((ex) -> assertThat(ex.getRetryAt()).isEqualTo(retryAt))
			.satisfies((ex) -> assertThat(ex.getError().getErrorCode()).isEqualTo("http_503"));
	}

	@Test
	void awaitWhenGrantIsLostFailsWithOneThatShowsTheCaller() {
		GrantLostException shared = new GrantLostException("github", "invalid_grant");

		assertThatExceptionOfType(GrantLostException.class)
			.isThrownBy(() -> CallerWait.await("github", CompletableFuture.failedFuture(shared), Duration.ofSeconds(1)))
			.withCause(shared)
			.satisfies((ex) -> assertThat(ex.getReason()).isEqualTo("invalid_grant"))
			.satisfies((ex) -> assertThat(ex.getClientRegistrationId()).isEqualTo("github"));
	}

	@Test
	void awaitWhenAnythingElseUncheckedPassesItOn() {
		assertThatIllegalArgumentException().isThrownBy(() -> CallerWait.await("github",
				CompletableFuture.failedFuture(new IllegalArgumentException("x")), Duration.ofSeconds(1)));
	}

	@Test
	void awaitWhenCheckedWrapsIt() {
		assertThatExceptionOfType(TokenUnavailableException.class)
			.isThrownBy(() -> CallerWait.await("github", CompletableFuture.failedFuture(new IOException("x")),
					Duration.ofSeconds(1)))
			.withCauseInstanceOf(IOException.class);
	}

}
