package io.github.oauthredis.codec;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

import javax.crypto.spec.SecretKeySpec;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauthredis.crypto.KeyRing;
import io.github.oauthredis.crypto.SealingKey;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link SealedText}.
 */
class SealedTextTests {

	private static final KeyRing RING = KeyRing.of(key("schlüssel", 1), key("old", 2));

	@Test
	void openWhenSealedHereReturnsText() {
		String sealed = SealedText.seal(RING, "place", "Zoë \uD83D\uDE00");

		assertThat(SealedText.open(RING, "place", sealed)).isEqualTo("Zoë \uD83D\uDE00");
		assertThat(SealedText.open(KeyRing.of(key("new", 3), key("schlüssel", 1)), "place", sealed)).isNotNull();
		assertThat(sealed).matches("[A-Za-z0-9_.-]+");
	}

	@Test
	void sealShowsNothingAndIsDifferentEachTime() {
		String sealed = SealedText.seal(RING, "place", "alice");

		assertThat(new String(Base64.getUrlDecoder().decode(sealed.substring(sealed.indexOf('.') + 1)),
				StandardCharsets.UTF_8))
			.doesNotContain("alice");
		assertThat(sealed).isNotEqualTo(SealedText.seal(RING, "place", "alice"));
	}

	@Test
	void openWhenMovedReturnsNull() {
		assertThat(SealedText.open(RING, "elsewhere", SealedText.seal(RING, "place", "alice"))).isNull();
	}

	@Test
	void openWhenKeyIsUnknownReturnsNull() {
		assertThat(SealedText.open(KeyRing.of(key("other", 1)), "place", SealedText.seal(RING, "place", "a"))).isNull();
		assertThat(SealedText.open(KeyRing.of(key("schlüssel", 9)), "place", SealedText.seal(RING, "place", "a")))
			.isNull();
	}

	@Test
	void openWhenSealIsLeftOffReturnsTextOnlyIfNothingIsSealed() {
		String clear = SealedText.seal(KeyRing.unsealed(), "place", "alice");

		assertThat(SealedText.open(KeyRing.unsealed(), "place", clear)).isEqualTo("alice");
		assertThat(SealedText.open(RING, "place", clear)).isNull();
	}

	@ParameterizedTest
	@ValueSource(strings = { "", ".", "..", "a", "a.b", "b2xk.", "b2xk.AAAA", "%.%", "é.é" })
	void openWhenGarbageReturnsNull(String garbage) {
		assertThat(SealedText.open(RING, "place", garbage)).isNull();
	}

	private static SealingKey key(String id, int content) {
		byte[] bytes = new byte[32];
		bytes[0] = (byte) content;
		return new SealingKey(id, new SecretKeySpec(bytes, "AES"));
	}

}
