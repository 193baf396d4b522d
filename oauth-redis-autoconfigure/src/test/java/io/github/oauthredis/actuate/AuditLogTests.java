package io.github.oauthredis.actuate;

import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.testkit.CapturedLogs;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link AuditLog}.
 */
class AuditLogTests {

	private static final Pattern VALUE = Pattern.compile("[A-Za-z0-9_.:@/~+-]+|\"([ !#-\\[\\]-~]|\\\\.)*\"");

	@Test
	void lineHasAllFieldsInOrder() {
		TokenEvent event = new TokenEvent(TokenEvent.Type.DEAD, "github", "key-digest", "principal-digest", 7,
				"invalid_grant");

		assertThat(AuditLog.line(event, "shop@1f2e3d4c"))
			.isEqualTo("event=DEAD registration=github key=key-digest principal=principal-digest generation=7 "
					+ "cause=invalid_grant instance=shop@1f2e3d4c");
	}

	@Test
	void lineWhenNothingIsKnownHasAllFieldsAllTheSame() {
		TokenEvent event = new TokenEvent(TokenEvent.Type.REVOKED, null, null, null, 0, null);

		assertThat(AuditLog.line(event, ""))
			.isEqualTo("event=REVOKED registration=- key=- principal=- generation=0 cause=- instance=\"\"");
	}

	@ParameterizedTest
	@ValueSource(strings = { "x\r\nevent=REVOKED registration=forged", "x\" cause=\"forged", "x\\", "\\\" y=z", "-", "",
			"a b", "a=b", "x\u0000", "x\u0085event=FORGED", "x\u2028event=FORGED", "\u001b[2J", "\ud800", "caf\u00e9",
			"${jndi:ldap://x}", "%n%s" })
	void lineWhenValueIsHostileCannotBeForged(String hostile) {
		String line = AuditLog.line(new TokenEvent(TokenEvent.Type.FAILED, hostile, null, null, 0, hostile), hostile);

		assertThat(line.chars()).allMatch((c) -> c >= ' ' && c < 0x7F);
		assertThat(line)
			.matches("event=FAILED registration=%1$s key=- principal=- generation=0 cause=%1$s instance=%1$s"
				.formatted("(" + VALUE.pattern() + ")"));
		assertThat(line).doesNotContain("registration=- ", "cause=- ");
	}

	@Test
	void lineWhenValueIsLongIsCut() {
		TokenEvent event = new TokenEvent(TokenEvent.Type.FAILED, "x".repeat(10_000), null, null, 0,
				"\n".repeat(10_000));

		assertThat(AuditLog.line(event, "y")).hasSizeLessThan(2_000);
	}

	@Test
	void recordWritesOneLine() {
		try (CapturedLogs logs = CapturedLogs.start()) {
			new AuditLog().record(new TokenEvent(TokenEvent.Type.SAVED, "github", null, null, 1, null), "shop@1");

			assertThat(logs.text().lines().distinct()).containsExactly("INFO " + AuditLog.LOGGER
					+ " event=SAVED registration=github key=- principal=- generation=1 cause=- instance=shop@1");
		}
	}

}
