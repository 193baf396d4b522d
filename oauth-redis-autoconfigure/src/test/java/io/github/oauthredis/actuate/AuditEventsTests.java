package io.github.oauthredis.actuate;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.springframework.boot.actuate.audit.AuditEvent;
import org.springframework.boot.actuate.audit.listener.AuditApplicationEvent;

import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.testkit.MutableClock;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link AuditEvents}.
 */
class AuditEventsTests {

	private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");

	private final List<AuditEvent> recorded = new ArrayList<>();

	private final AuditEvents audit = new AuditEvents(
			(event) -> this.recorded.add(((AuditApplicationEvent) event).getAuditEvent()), new MutableClock(NOW));

	@Test
	void recordWhenGrantNamesItsPrincipalByDigest() {
		AuditEvent recorded = record(
				new TokenEvent(TokenEvent.Type.DEAD, "github", "key", "principal", 7, "invalid_grant"));

		assertThat(recorded.getType()).isEqualTo("OAUTH_REDIS_DEAD");
		assertThat(recorded.getPrincipal()).isEqualTo("principal");
		assertThat(recorded.getTimestamp()).isEqualTo(NOW);
		assertThat(recorded.getData()).containsExactlyInAnyOrderEntriesOf(Map.of("registration", "github", "key", "key",
				"generation", 7L, "cause", "invalid_grant", "instance", "shop@1"));
	}

	@Test
	void recordWhenIssuedTokenNamesItsRegistration() {
		AuditEvent recorded = record(new TokenEvent(TokenEvent.Type.OBTAINED, "service", "key", null, 7, null));

		assertThat(recorded.getPrincipal()).isEqualTo("registration:service");
		assertThat(recorded.getData()).containsOnlyKeys("registration", "key", "generation", "instance");
	}

	@Test
	void recordWhenAllAreConcernedNamesNobody() {
		AuditEvent recorded = record(new TokenEvent(TokenEvent.Type.REVOKED, null, null, null, 0, "all"));

		assertThat(recorded.getPrincipal()).isEqualTo("oauth-redis");
		assertThat(recorded.getData()).containsOnlyKeys("generation", "cause", "instance");
	}

	private AuditEvent record(TokenEvent event) {
		this.audit.record(event, "shop@1");
		assertThat(this.recorded).hasSize(1);
		return this.recorded.get(0);
	}

}
