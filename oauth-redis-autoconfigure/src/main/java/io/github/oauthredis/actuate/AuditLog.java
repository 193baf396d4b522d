package io.github.oauthredis.actuate;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import io.github.oauthredis.event.TokenAudit;
import io.github.oauthredis.event.TokenEvent;

/**
 * Writes each event as one line of the logger {@value #LOGGER} at {@code INFO}: fields
 * {@code name=value} in a fixed order, {@code -} where there is no value. Values that are
 * no plain words are quoted and escaped, and long ones are cut, so that nobody who has a
 * say in one can forge a line. Thread-safe.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class AuditLog implements TokenAudit {

	/**
	 * Name of the logger.
	 */
	public static final String LOGGER = "io.github.oauthredis.audit";

	private static final int LONGEST = 200;

	private static final String PLAIN = "_.:@/~+";

	private static final Log logger = LogFactory.getLog(LOGGER);

	@Override
	public void record(TokenEvent event, String instance) {
		if (logger.isInfoEnabled()) {
			logger.info(line(event, instance));
		}
	}

	static String line(TokenEvent event, String instance) {
		return "event=%s registration=%s key=%s principal=%s generation=%d cause=%s instance=%s".formatted(event.type(),
				shown(event.registrationId()), shown(event.keyDigest()), shown(event.principalDigest()),
				event.generation(), shown(event.detail()), shown(instance));
	}

	private static String shown(@Nullable String value) {
		if (value == null) {
			return "-";
		}
		String cut = value.substring(0, Math.min(value.length(), LONGEST));
		if (!cut.isEmpty() && !cut.equals("-") && cut.chars().allMatch(AuditLog::isPlain)) {
			return cut;
		}
		StringBuilder quoted = new StringBuilder("\"");
		cut.chars().forEach((c) -> quoted.append(escaped((char) c)));
		return quoted.append('"').toString();
	}

	private static boolean isPlain(int c) {
		return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-'
				|| PLAIN.indexOf(c) >= 0;
	}

	private static String escaped(char c) {
		if (c == '"' || c == '\\') {
			return "\\" + c;
		}
		return (c >= ' ' && c < 0x7F) ? String.valueOf(c) : "\\u%04x".formatted((int) c);
	}

}
