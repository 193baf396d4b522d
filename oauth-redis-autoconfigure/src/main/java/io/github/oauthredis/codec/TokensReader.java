package io.github.oauthredis.codec;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

import io.github.oauthredis.token.Marks;
import io.github.oauthredis.token.Rotation;
import io.github.oauthredis.token.Tokens;

/**
 * Reads the JSON of one {@link Tokens}. For one use by one thread.
 */
final class TokensReader implements AutoCloseable {

	private static final int NANOS_PER_SECOND = 1_000_000_000;

	private final JsonParser json;

	private @Nullable String accessToken;

	private String tokenType = TokensCodec.USUAL_TYPE;

	private @Nullable String refreshToken;

	private Set<String> scopes = Set.of();

	private @Nullable Set<String> requestedScopes;

	private @Nullable String principalName;

	private @Nullable Duration issuedAt;

	private @Nullable Duration expiresAt;

	private @Nullable Duration refreshTokenIssuedAt;

	private @Nullable Duration lifetime;

	private @Nullable Duration refreshIn;

	private @Nullable String previousAccessToken;

	private boolean rotates;

	private Marks marks = Marks.NONE;

	private List<Rotation> lineage = List.of();

	TokensReader(JsonParser json) {
		this.json = json;
	}

	Tokens read() {
		expect(this.json.nextToken() == JsonToken.START_OBJECT, "not a JSON object");
		while (this.json.nextToken() == JsonToken.PROPERTY_NAME) {
			String name = this.json.currentName();
			this.json.nextToken();
			field(name);
		}
		expect(this.json.currentToken() == JsonToken.END_OBJECT, "the JSON object does not end");
		expect(this.json.nextToken() == null, "something follows the JSON object");
		Instant issued = after(Instant.EPOCH, this.issuedAt);
		if (this.accessToken == null || issued == null) {
			throw new MalformedTokensException("a required field is missing");
		}
		return new Tokens(this.accessToken, this.tokenType, this.refreshToken, this.scopes,
				(this.requestedScopes != null) ? this.requestedScopes : this.scopes, this.principalName, issued,
				after(issued, this.expiresAt), after(issued, this.refreshTokenIssuedAt), this.lifetime, this.refreshIn,
				this.previousAccessToken, this.rotates, this.marks, this.lineage);
	}

	private void field(String name) {
		switch (name) {
			case "a" -> this.accessToken = string();
			case "t" -> this.tokenType = string();
			case "r" -> this.refreshToken = string();
			case "s" -> this.scopes = strings();
			case "q" -> this.requestedScopes = strings();
			case "p" -> this.principalName = string();
			case "i" -> this.issuedAt = duration();
			case "e" -> this.expiresAt = duration();
			case "x" -> this.refreshTokenIssuedAt = duration();
			case "l" -> this.lifetime = duration();
			case "h" -> this.refreshIn = duration();
			case "d" -> this.previousAccessToken = string();
			case "o" -> this.rotates = bool();
			case "m" -> this.marks = marks();
			case "n" -> this.lineage = lineage();
			default -> this.json.skipChildren();
		}
	}

	private String string() {
		expect(this.json.currentToken() == JsonToken.VALUE_STRING, "a field is not a string");
		return this.json.getString();
	}

	private boolean bool() {
		expect(this.json.currentToken().isBoolean(), "a field is not a boolean");
		return this.json.getBooleanValue();
	}

	private Set<String> strings() {
		expect(this.json.currentToken() == JsonToken.START_ARRAY, "a field is not an array");
		Set<String> values = new HashSet<>();
		while (this.json.nextToken() != JsonToken.END_ARRAY) {
			values.add(string());
		}
		return values;
	}

	private Duration duration() {
		if (this.json.currentToken() != JsonToken.START_ARRAY) {
			return Duration.ofSeconds(integer(Long.MIN_VALUE, Long.MAX_VALUE));
		}
		this.json.nextToken();
		long seconds = integer(Long.MIN_VALUE, Long.MAX_VALUE);
		this.json.nextToken();
		long nanos = integer(0, NANOS_PER_SECOND - 1);
		expect(this.json.nextToken() == JsonToken.END_ARRAY, "a time has more than two parts");
		return Duration.ofSeconds(seconds, nanos);
	}

	private Marks marks() {
		expect(this.json.currentToken() == JsonToken.START_ARRAY, "a field is not an array");
		long[] numbers = new long[3];
		int count = 0;
		while (this.json.nextToken() != JsonToken.END_ARRAY) {
			expect(count < numbers.length, "there are more than three marks");
			numbers[count++] = integer(0, Long.MAX_VALUE);
		}
		expect(count > 0, "there are no marks");
		return new Marks(numbers[0], numbers[1], numbers[2]);
	}

	private List<Rotation> lineage() {
		ByteBuffer bytes = ByteBuffer.wrap(Base64.getUrlDecoder().decode(string()));
		expect(bytes.remaining() % TokensCodec.ROTATION_BYTES == 0, "a lineage is cut");
		List<Rotation> lineage = new ArrayList<>();
		while (bytes.hasRemaining() && lineage.size() < Tokens.LONGEST_LINEAGE) {
			byte[] digest = new byte[TokensCodec.ROTATION_BYTES - Integer.BYTES];
			bytes.get(digest);
			lineage.add(new Rotation(Base64.getUrlEncoder().encodeToString(digest),
					Instant.ofEpochSecond(Integer.toUnsignedLong(bytes.getInt()))));
		}
		return lineage;
	}

	private long integer(long min, long max) {
		expect(this.json.currentToken() == JsonToken.VALUE_NUMBER_INT, "a number is not an integer");
		expect(this.json.getNumberType() != JsonParser.NumberType.BIG_INTEGER, "a number is out of range");
		long value = this.json.getLongValue();
		expect(value >= min && value <= max, "a number is out of range");
		return value;
	}

	private static @Nullable Instant after(Instant start, @Nullable Duration distance) {
		if (distance == null) {
			return null;
		}
		// Not Instant.plus, which fails on the way to the ends of time.
		return Instant.ofEpochSecond(Math.addExact(start.getEpochSecond(), distance.toSeconds()),
				(long) start.getNano() + distance.toNanosPart());
	}

	private static void expect(boolean condition, String otherwise) {
		if (!condition) {
			throw new MalformedTokensException(otherwise);
		}
	}

	@Override
	public void close() {
		this.json.close();
	}

}
