package io.github.oauthredis.codec;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonWriteFeature;

import io.github.oauthredis.token.Marks;
import io.github.oauthredis.token.Rotation;
import io.github.oauthredis.token.Tokens;

/**
 * Writes {@link Tokens} as compact JSON and reads them back. One object with one-letter
 * fields; what is null or usual is absent; durations are {@code seconds} or
 * {@code [seconds,nanos]}; the issue time counts from the epoch, other times count from
 * it; sets are sorted arrays; marks are an array without trailing zeros; the lineage is
 * Base64 of nine bytes of digest and four of seconds each. Unknown fields are skipped, so
 * that an older instance reads what a newer one wrote. Token by token, without data
 * binding. Thread-safe.
 */
final class TokensCodec {

	static final int MAX_BYTES = 1024 * 1024;

	static final String USUAL_TYPE = "Bearer";

	static final int ROTATION_BYTES = 13;

	/*
	 * Escaping all but ASCII also carries unpaired surrogates, which UTF-8 cannot.
	 */
	private static final JsonFactory JSON = JsonFactory.builder()
		.streamReadConstraints(StreamReadConstraints.builder()
			.maxDocumentLength(MAX_BYTES)
			.maxStringLength(MAX_BYTES)
			.maxNestingDepth(8)
			.maxNumberLength(100)
			.maxNameLength(100)
			.build())
		.enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
		.enable(JsonWriteFeature.ESCAPE_NON_ASCII)
		.build();

	private TokensCodec() {
	}

	/**
	 * Write tokens.
	 * @param tokens the tokens
	 * @return their JSON
	 * @throws IllegalArgumentException if it is larger than can be read back
	 */
	static byte[] write(Tokens tokens) {
		ByteArrayOutputStream bytes = new ByteArrayOutputStream(1024);
		try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), bytes)) {
			json.writeStartObject();
			json.writeStringProperty("a", tokens.accessToken());
			write(json, "t", tokens.tokenType().equals(USUAL_TYPE) ? null : tokens.tokenType());
			write(json, "r", tokens.refreshToken());
			write(json, "s", tokens.scopes().isEmpty() ? null : tokens.scopes());
			write(json, "q", tokens.requestedScopes().equals(tokens.scopes()) ? null : tokens.requestedScopes());
			write(json, "p", tokens.principalName());
			write(json, "i", since(Instant.EPOCH, tokens.issuedAt()));
			write(json, "e", since(tokens.issuedAt(), tokens.expiresAt()));
			write(json, "x", since(tokens.issuedAt(), tokens.refreshTokenIssuedAt()));
			write(json, "l", tokens.lifetime());
			write(json, "h", tokens.refreshIn());
			write(json, "d", tokens.previousAccessToken());
			if (tokens.rotates()) {
				json.writeBooleanProperty("o", true);
			}
			write(json, tokens.marks());
			write(json, tokens.lineage());
			json.writeEndObject();
		}
		if (bytes.size() > MAX_BYTES) {
			throw new IllegalArgumentException(
					"Tokens must not be larger than 1 MiB, but are " + bytes.size() + " bytes");
		}
		return bytes.toByteArray();
	}

	/**
	 * Read tokens.
	 * @param bytes array that holds their JSON
	 * @param offset where it starts
	 * @return the tokens
	 * @throws MalformedTokensException if it is anything that {@link #write} would not
	 * write, unknown fields aside
	 */
	static Tokens read(byte[] bytes, int offset) {
		int length = bytes.length - offset;
		if (length > MAX_BYTES) {
			throw new MalformedTokensException("more than 1 MiB");
		}
		try (TokensReader reader = new TokensReader(
				JSON.createParser(ObjectReadContext.empty(), bytes, offset, length))) {
			return reader.read();
		}
		catch (MalformedTokensException ex) {
			throw ex;
		}
		catch (DateTimeException | ArithmeticException ex) {
			throw new MalformedTokensException("a time is out of range");
		}
		catch (RuntimeException ex) {
			// Without the cause, which quotes the content.
			throw new MalformedTokensException("not valid JSON");
		}
	}

	private static void write(JsonGenerator json, String name, @Nullable String value) {
		if (value != null) {
			json.writeStringProperty(name, value);
		}
	}

	private static void write(JsonGenerator json, String name, @Nullable Set<String> values) {
		if (values != null) {
			json.writeArrayPropertyStart(name);
			new TreeSet<>(values).forEach(json::writeString);
			json.writeEndArray();
		}
	}

	private static void write(JsonGenerator json, String name, @Nullable Duration duration) {
		if (duration == null) {
			return;
		}
		if (duration.toNanosPart() == 0) {
			json.writeNumberProperty(name, duration.toSeconds());
			return;
		}
		json.writeArrayPropertyStart(name);
		json.writeNumber(duration.toSeconds());
		json.writeNumber(duration.toNanosPart());
		json.writeEndArray();
	}

	private static void write(JsonGenerator json, Marks marks) {
		if (marks.equals(Marks.NONE)) {
			return;
		}
		json.writeArrayPropertyStart("m");
		json.writeNumber(marks.all());
		if (marks.registration() != 0 || marks.principal() != 0) {
			json.writeNumber(marks.registration());
		}
		if (marks.principal() != 0) {
			json.writeNumber(marks.principal());
		}
		json.writeEndArray();
	}

	private static void write(JsonGenerator json, List<Rotation> lineage) {
		if (lineage.isEmpty()) {
			return;
		}
		ByteBuffer bytes = ByteBuffer.allocate(lineage.size() * ROTATION_BYTES);
		lineage.forEach((rotation) -> bytes.put(Base64.getUrlDecoder().decode(rotation.digest()))
			.putInt((int) rotation.receivedAt().getEpochSecond()));
		json.writeStringProperty("n", Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.array()));
	}

	private static @Nullable Duration since(Instant start, @Nullable Instant end) {
		return (end != null) ? Duration.between(start, end) : null;
	}

}
