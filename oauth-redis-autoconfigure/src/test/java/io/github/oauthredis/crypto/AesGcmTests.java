package io.github.oauthredis.crypto;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;

import javax.crypto.spec.SecretKeySpec;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class AesGcmTests {

	private static final SealingKey KEY = new SealingKey("k", new SecretKeySpec(new byte[32], "AES"));

	private static final byte[] NONE = new byte[0];

	@Test
	void openWhenSealedWithSameKeyAndDataReturnsPlaintext() {
		Random random = new Random(1);
		for (int length : new int[] { 0, 1, 15, 16, 17, 2000, 1_000_000 }) {
			byte[] plaintext = new byte[length];
			random.nextBytes(plaintext);

			byte[] sealed = AesGcm.seal(KEY, plaintext, new byte[] { 1, 2 });

			assertThat(sealed).hasSize(length + AesGcm.OVERHEAD);
			assertThat(AesGcm.open(KEY, sealed, new byte[] { 1, 2 })).isEqualTo(plaintext);
		}
	}

	@Test
	void openWhenVectorOfAnotherImplementationIsGivenReturnsPlaintext() {
		// Test case 14 of the GCM specification: zero key, zero nonce, one zero block.
		byte[] sealed = HexFormat.of()
			.parseHex("000000000000000000000000" + "cea7403d4d606b6e074ec5d3baf39d18"
					+ "d0d1c8a799996bf0265b98b5d48ab919");

		assertThat(AesGcm.open(KEY, sealed, NONE)).isEqualTo(new byte[16]);
	}

	@Test
	void openWhenKeyDiffersReturnsNull() {
		byte[] other = new byte[32];
		other[31] = 1;

		assertThat(
				AesGcm.open(new SealingKey("k", new SecretKeySpec(other, "AES")), AesGcm.seal(KEY, NONE, NONE), NONE))
			.isNull();
	}

	@Test
	void openWhenAssociatedDataDiffersReturnsNull() {
		byte[] sealed = AesGcm.seal(KEY, new byte[10], new byte[] { 1 });

		assertThat(AesGcm.open(KEY, sealed, new byte[] { 2 })).isNull();
		assertThat(AesGcm.open(KEY, sealed, NONE)).isNull();
	}

	@Test
	void openWhenShorterThanNonceAndTagReturnsNull() {
		byte[] sealed = AesGcm.seal(KEY, NONE, NONE);

		for (int length = 0; length < sealed.length; length++) {
			assertThat(AesGcm.open(KEY, Arrays.copyOf(sealed, length), NONE)).isNull();
		}
	}

	@Test
	void sealWhenCalledByManyThreadsNeverRepeatsNonce() {
		Set<String> nonces = new HashSet<>();

		IntStream.range(0, 20_000)
			.parallel()
			.mapToObj((i) -> HexFormat.of().formatHex(AesGcm.seal(KEY, new byte[] { (byte) i }, NONE), 0, 12))
			.toList()
			.forEach((nonce) -> assertThat(nonces.add(nonce)).isTrue());
	}

	@Test
	void sealWhenKeyIsNoAesKeyThrowsWithoutKeyOrCause() {
		SealingKey unusable = new SealingKey("my-key",
				new SecretKeySpec("S3CRET".getBytes(StandardCharsets.UTF_8), "AES"));

		assertThatExceptionOfType(SealingKeyException.class).isThrownBy(() -> AesGcm.seal(unusable, NONE, NONE))
			.withMessageContaining("my-key")
			.withMessageNotContaining("S3CRET")
			.withNoCause();
		assertThatExceptionOfType(SealingKeyException.class)
			.isThrownBy(() -> AesGcm.open(unusable, new byte[40], NONE));
	}

}
