package io.github.oauthredis.actuate;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.springframework.boot.actuate.audit.AuditEvent;
import org.springframework.boot.actuate.audit.listener.AuditApplicationEvent;

import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.testkit.MutableClock;
import io.github.oauthredis.token.Digests;
import io.github.oauthredis.token.TokenKey;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The documented schema is the one in use.
 */
class AuditDocumentationTests {

	private static final String INSTANCE = "shop@1f2e3d4c";

	private static final TokenKey KEY = TokenKey.grant("github", "client", "https://provider/token", "alice");

	private static final TokenEvent EVENT = TokenEvent.of(TokenEvent.Type.FAMILY_LOST, KEY, 1_893_456_000_000L,
			"invalid_grant");

	private final List<String> lines = lines();

	private static List<String> lines() {
		try {
			return Files.readAllLines(Path.of("docs/audit.md"));
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private List<String> firstColumn(String heading) {
		return this.lines.stream()
			.dropWhile((line) -> !line.equals("## " + heading))
			.skip(1)
			.takeWhile((line) -> !line.startsWith("## "))
			.filter((line) -> line.startsWith("| `"))
			.map((line) -> line.substring(3, line.indexOf('`', 3)))
			.toList();
	}

	@Test
	void eventsAreAllDocumentedOnce() {
		assertThat(firstColumn("Events")).containsExactlyInAnyOrderElementsOf(
				Stream.of(TokenEvent.Type.values()).map(TokenEvent.Type::name).toList());
	}

	@Test
	void exampleIsTheLineOfItsEvent() {
		assertThat(EVENT.principalDigest()).isEqualTo(Digests.sha256("alice"));
		assertThat(this.lines).contains(AuditLog.line(EVENT, INSTANCE));
	}

	@Test
	void fieldsOfTheLineAreDocumentedInOrder() {
		List<String> fields = Pattern.compile("([a-z]+)=")
			.matcher(AuditLog.line(EVENT, INSTANCE))
			.results()
			.map((MatchResult field) -> field.group(1))
			.toList();

		assertThat(firstColumn("Fields")).isEqualTo(fields);
	}

	@Test
	void dataOfTheAuditEventAreDocumented() {
		new AuditEvents((event) -> {
			AuditEvent audit = ((AuditApplicationEvent) event).getAuditEvent();
			assertThat(audit.getData().keySet())
				.allMatch((name) -> this.lines.stream().anyMatch((line) -> line.contains("| data `" + name + "` |")));
			assertThat(this.lines.stream().filter((line) -> line.contains("| data `"))).hasSize(audit.getData().size());
		}, new MutableClock(Instant.EPOCH)).record(EVENT, INSTANCE);
	}

	@Test
	void loggerIsDocumented() {
		assertThat(String.join(" ", this.lines)).contains("`" + AuditLog.LOGGER + "`");
	}

}
