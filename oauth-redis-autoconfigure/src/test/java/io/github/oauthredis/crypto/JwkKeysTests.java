package io.github.oauthredis.crypto;

import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

class JwkKeysTests {

	private static final byte[] BYTES = bytes(32);

	private static final String SECRET = Base64.getUrlEncoder().withoutPadding().encodeToString(BYTES);

	@ParameterizedTest
	@MethodSource("encodings")
	void inlineWhenSecretIsBase64OfEitherKindReturnsKey(String encoded) {
		List<SealingKey> keys = JwkKeys.inline(List.of(new EncodedKey("one", encoded)));

		assertThat(keys).hasSize(1);
		assertThat(keys.get(0).id()).isEqualTo("one");
		assertThat(keys.get(0).secret().getEncoded()).isEqualTo(BYTES);
	}

	static Stream<String> encodings() {
		return Stream.of(SECRET, Base64.getEncoder().encodeToString(BYTES),
				Base64.getEncoder().withoutPadding().encodeToString(BYTES),
				Base64.getUrlEncoder().encodeToString(BYTES), " " + SECRET + "\n");
	}

	@Test
	void inlineWhenSeveralAreGivenKeepsTheirOrder() {
		List<SealingKey> keys = JwkKeys.inline(List.of(new EncodedKey("b", SECRET), new EncodedKey("a", SECRET)));

		assertThat(keys).extracting(SealingKey::id).containsExactly("b", "a");
	}

	@Test
	void inlineWhenNoneAreGivenReturnsNone() {
		assertThat(JwkKeys.inline(List.of())).isEmpty();
	}

	@ParameterizedTest
	@MethodSource("malformedSecrets")
	void inlineWhenSecretIsMalformedThrowsWithPositionAndIdOnly(String secret) {
		Throwable thrown = thrownBy(
				() -> JwkKeys.inline(List.of(new EncodedKey("one", SECRET), new EncodedKey("two", secret))));

		assertThat(thrown)
			.hasMessage("'oauth-redis.encryption.keys[1]' ('two'): its secret must be 32 bytes (256 bits) in Base64");
		assertShowsNothingOf(thrown, secret);
	}

	static Stream<String> malformedSecrets() {
		Base64.Encoder encoder = Base64.getEncoder();
		return Stream.of("S3CRETS3CRET", "not base64!", SECRET + "!",
				SECRET.substring(0, 20) + "*" + SECRET.substring(21), encoder.encodeToString(bytes(16)),
				encoder.encodeToString(bytes(31)), encoder.encodeToString(bytes(33)), encoder.encodeToString(bytes(64)),
				SECRET + SECRET, "S3CRET".repeat(10_000), "\u00e9".repeat(43));
	}

	@Test
	void inlineWhenPartIsMissingThrows() {
		assertThat(thrownBy(() -> JwkKeys.inline(List.of(new EncodedKey(null, SECRET)))))
			.hasMessage("'oauth-redis.encryption.keys[0]': its id must not be empty");
		assertThat(thrownBy(() -> JwkKeys.inline(List.of(new EncodedKey("one", null)))))
			.hasMessageContaining("must be 32 bytes");
		assertThat(thrownBy(() -> JwkKeys.inline(List.of(new EncodedKey("one", "")))))
			.hasMessageContaining("must be 32 bytes");
	}

	@Test
	void inlineWhenIdIsUsedTwiceThrows() {
		List<EncodedKey> keys = List.of(new EncodedKey("one", SECRET), new EncodedKey("one", SECRET));

		assertThat(thrownBy(() -> JwkKeys.inline(keys)))
			.hasMessage("'oauth-redis.encryption.keys[1]' ('one'): an earlier key has the same id");
	}

	@Test
	void inlineWhenIdAndSecretAreMixedUpShowsNeither() {
		for (String misplaced : List.of(SECRET, Base64.getEncoder().encodeToString(bytes(31)),
				Base64.getEncoder().encodeToString(bytes(16)))) {
			Throwable thrown = thrownBy(() -> JwkKeys.inline(List.of(new EncodedKey(misplaced, "one"))));

			assertShowsNothingOf(thrown, misplaced);
		}
	}

	@Test
	void toStringWhenEncodedKeyShowsNothing() {
		assertThat(new EncodedKey("one", SECRET).toString()).doesNotContain(SECRET, "one");
	}

	@Test
	void setWhenKeysAreValidReturnsThemInOrder() {
		String json = "{\"keys\":[%s,%s],\"other\":1}".formatted(jwk("b", SECRET),
				"{\"kty\":\"oct\",\"use\":\"enc\",\"alg\":\"A256GCM\",\"kid\":\"a\",\"k\":\"" + SECRET + "\"}");

		List<SealingKey> keys = JwkKeys.set("file [x]", json);

		assertThat(keys).extracting(SealingKey::id).containsExactly("b", "a");
		assertThat(keys.get(0).secret().getEncoded()).isEqualTo(BYTES);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "S3CRET", "[]", "{}", "null", "{\"keys\":\"S3CRET\"}", "{\"keys\":null}",
			"{\"keys\":[\"S3CRET\"]}", "{\"keys\":{}}", "{\"keys\":[{\"kty\":\"oct\" S3CRET}]}", "{\"keys\":[1]}",
			"{\"kty\":\"oct\",\"kid\":\"a\",\"k\":\"S3CRET\"}", "{\"keys\":[]}", "{\"keys\":[null]}", "{\"keys\":[{}]}",
			"{\"keys\":[{\"kty\":\"S3CRET\"}]}", "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"S3CRET\"}]}",
			"{\"keys\":[{\"kty\":\"oct\"}]}", "{\"keys\":[{\"kty\":\"oct\",\"kid\":\"a\"}]}",
			"{\"keys\":[{\"kty\":\"oct\",\"kid\":\"a\",\"k\":\"\"}]}",
			"{\"keys\":[{\"kty\":\"oct\",\"kid\":\"a\",\"k\":\"S3CRET\"}]}",
			"{\"keys\":[{\"kty\":\"oct\",\"kid\":7,\"k\":\"S3CRET\"}]}",
			"{\"keys\":[{\"kty\":\"oct\",\"kid\":\"a\",\"k\":7}]}",
			"{\"keys\":[{\"kty\":\"oct\",\"kid\":\"a\",\"use\":\"S3CRET\",\"key_ops\":\"S3CRET\",\"k\":\"S3CRET\"}]}" })
	void setWhenMalformedThrowsWithPlaceOnly(String json) {
		Throwable thrown = thrownBy(() -> JwkKeys.set("file [x]", json));

		assertThat(thrown).hasMessageContaining("file [x]");
		assertShowsNothingOf(thrown, "S3CRET");
	}

	@Test
	void setWhenSecondKeyIsMalformedNamesItsPosition() {
		assertThat(thrownBy(() -> JwkKeys.set("file [x]", set(jwk("a", SECRET), jwk("b", "S3CRET")))))
			.hasMessage("Key 2 of the JWK Set of file [x] ('b'): its 'k' must be 32 bytes (256 bits) in Base64");
		assertThat(thrownBy(() -> JwkKeys.set("file [x]", set(jwk("a", SECRET), jwk("a", SECRET)))))
			.hasMessage("Key 2 of the JWK Set of file [x] ('a'): an earlier key has the same id");
		assertThat(thrownBy(() -> JwkKeys.set("file [x]", set(jwk("a", SECRET), jwk("", SECRET)))))
			.hasMessage("Key 2 of the JWK Set of file [x]: its id must not be empty");
		assertThat(thrownBy(() -> JwkKeys.set("file [x]",
				set(jwk("a", SECRET), "{\"kty\":\"oct\",\"k\":\"%s\"}".formatted(SECRET)))))
			.hasMessage("Key 2 of the JWK Set of file [x]: its id must not be empty");
	}

	@Test
	void setWhenKeyIsMeantForSignaturesThrows() {
		String json = set("{\"kty\":\"oct\",\"use\":\"sig\",\"kid\":\"a\",\"k\":\"%s\"}".formatted(SECRET));

		Throwable thrown = thrownBy(() -> JwkKeys.set("file [x]", json));

		assertThat(thrown).hasMessageContaining("'use' must be 'enc'");
		assertShowsNothingOf(thrown, SECRET);
	}

	private static Throwable thrownBy(ThrowingCallable callable) {
		Throwable thrown = catchThrowable(callable);
		assertThat(thrown).isInstanceOf(SealingKeyException.class);
		return thrown;
	}

	private static void assertShowsNothingOf(Throwable thrown, String secret) {
		for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
			assertThat(cause.toString()).doesNotContain(secret);
			assertThat(cause.getSuppressed()).isEmpty();
		}
	}

	private static String set(String... keys) {
		return "{\"keys\":[" + String.join(",", keys) + "]}";
	}

	private static String jwk(String id, String secret) {
		return "{\"kty\":\"oct\",\"kid\":\"%s\",\"k\":\"%s\"}".formatted(id, secret);
	}

	private static byte[] bytes(int length) {
		byte[] bytes = new byte[length];
		for (int i = 0; i < length; i++) {
			bytes[i] = (byte) (0xFB - i * 5);
		}
		return bytes;
	}

}
