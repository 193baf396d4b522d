package io.github.oauthredis.token;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class DigestsTests {

	@Test
	void sha256WhenStringIsGivenReturnsKnownDigest() {
		assertThat(Digests.sha256("abc")).isEqualTo("ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0");
	}

	@Test
	void sha256WhenStringIsEmptyReturnsKnownDigest() {
		assertThat(Digests.sha256("")).isEqualTo("47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU");
	}

	@Test
	void sha256WhenStringIsNotAsciiDigestsUtf8() {
		byte[] digest = Digests.sha256("\u7b7e\ud83d\ude00".getBytes(StandardCharsets.UTF_8));

		assertThat(Digests.sha256("\u7b7e\ud83d\ude00"))
			.isEqualTo(Base64.getUrlEncoder().withoutPadding().encodeToString(digest));
	}

	@Test
	void sha256WhenBytesAreGivenReturnsThirtyTwoBytes() {
		assertThat(Digests.sha256(new byte[0])).hasSize(32);
	}

}
