package io.github.oauthredis.resilience;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.List;
import java.util.Locale;

import org.jspecify.annotations.Nullable;

/**
 * Reads the {@code Retry-After} header (RFC 9110 section 10.2.3). Pure.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class RetryAfter {

	private static final Duration LONGEST = Duration.ofDays(3650);

	private RetryAfter() {
	}

	/**
	 * Read a value.
	 * @param value the header; null if the answer has none
	 * @param now the time from which a date counts
	 * @return the time to wait, zero if the date is past, at most ten years; null if the
	 * value is neither seconds nor a date
	 */
	public static @Nullable Duration parse(@Nullable String value, Instant now) {
		if (value == null || value.isBlank()) {
			return null;
		}
		String text = value.strip();
		if (text.chars().allMatch((c) -> c >= '0' && c <= '9')) {
			return (text.length() > 9) ? LONGEST : atMost(Duration.ofSeconds(Long.parseLong(text)));
		}
		Instant date = date(text, now);
		if (date == null) {
			return null;
		}
		return date.isAfter(now) ? atMost(Duration.between(now, date)) : Duration.ZERO;
	}

	private static Duration atMost(Duration delay) {
		return (delay.compareTo(LONGEST) > 0) ? LONGEST : delay;
	}

	private static @Nullable Instant date(String text, Instant now) {
		for (DateTimeFormatter format : formats(now)) {
			try {
				return ZonedDateTime.parse(text, format).toInstant();
			}
			catch (DateTimeException ex) {
				// Perhaps it is one of the older formats.
			}
		}
		return null;
	}

	private static List<DateTimeFormatter> formats(Instant now) {
		// The preferred format and the two obsolete ones that a recipient must accept.
		LocalDate base = LocalDate.ofInstant(now, ZoneOffset.UTC).minusYears(50);
		DateTimeFormatter rfc850 = new DateTimeFormatterBuilder().appendPattern("EEEE, dd-MMM-")
			.appendValueReduced(ChronoField.YEAR, 2, 2, base)
			.appendPattern(" HH:mm:ss 'GMT'")
			.toFormatter(Locale.US);
		DateTimeFormatter asctime = DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss uuuu", Locale.US);
		return List.of(DateTimeFormatter.RFC_1123_DATE_TIME, rfc850.withZone(ZoneOffset.UTC),
				asctime.withZone(ZoneOffset.UTC));
	}

}
