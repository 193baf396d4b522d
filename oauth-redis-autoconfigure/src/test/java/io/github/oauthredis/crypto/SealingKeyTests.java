package io.github.oauthredis.crypto;

import java.util.List;

import javax.crypto.spec.SecretKeySpec;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class SealingKeyTests {

	@ParameterizedTest
	@ValueSource(strings = { "", " ", "a\nb", "\u0000", "\ud800" })
	void createWhenIdIsNotPrintableThrows(String id) {
		assertThatExceptionOfType(SealingKeyException.class).isThrownBy(() -> key(id));
	}

	@Test
	void createWhenIdIsLongerThanItsLengthByteCanSayThrows() {
		assertThat(key("\u00e9".repeat(127)).id()).hasSize(127);
		assertThatExceptionOfType(SealingKeyException.class).isThrownBy(() -> key("\u00e9".repeat(128)))
			.withMessageContaining("255 bytes");
	}

	@Test
	void toStringWhenCalledShowsOnlyIds() {
		KeyRing ring = KeyRing.of(key("one"), key("two"));

		assertThat(ring.toString())
			.isEqualTo("KeyRing[sealing=SealingKey[id=one], opening=[SealingKey[id=one], SealingKey[id=two]]]");
	}

	@Test
	void ringWhenSealingKeyCannotOpenThrows() {
		assertThatIllegalArgumentException().isThrownBy(() -> new KeyRing(key("one"), List.of(key("two"))));
	}

	@Test
	void findWhenKeyIsOnRingReturnsIt() {
		KeyRing ring = KeyRing.of(key("one"), key("two"));

		assertThat(ring.find("two")).isEqualTo(key("two"));
		assertThat(ring.find("three")).isNull();
	}

	@Test
	void unsealedWhenKeysAreGivenOnlyOpens() {
		KeyRing ring = KeyRing.unsealed(key("one"));

		assertThat(ring.sealing()).isNull();
		assertThat(ring.find("one")).isEqualTo(key("one"));
	}

	private static SealingKey key(String id) {
		return new SealingKey(id, new SecretKeySpec(new byte[32], "AES"));
	}

}
