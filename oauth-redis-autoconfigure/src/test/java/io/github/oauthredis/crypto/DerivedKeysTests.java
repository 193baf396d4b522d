package io.github.oauthredis.crypto;

import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class DerivedKeysTests {

	@Test
	void deriveWhenCalledReturnsTheSameKeyInEveryInstanceAndVersion() {
		SealingKey key = DerivedKeys.derive("github", "client", "secret");

		assertThat(key.id()).isEqualTo("derived-zxVs_Qugths");
		assertThat(HexFormat.of().formatHex(key.secret().getEncoded()))
			.isEqualTo("a2adefac86421becf03adbded02da09230dc92b0b465c3bd7a314286462f1870");
		assertThat(DerivedKeys.derive("github", "client", "secret")).isEqualTo(key);
	}

	@Test
	void deriveWhenAnyInputDiffersReturnsOtherKeyAndId() {
		List<SealingKey> keys = Stream
			.of(new String[] { "ab", "c", "secret" }, new String[] { "a", "bc", "secret" },
					new String[] { "", "abc", "secret" }, new String[] { "abc", "", "secret" },
					new String[] { "ab", "c", "secret " }, new String[] { "ab", "c", "{noop}secret" },
					new String[] { "AB", "c", "secret" }, new String[] { "\ud800", "c", "secret" },
					new String[] { "?", "c", "secret" })
			.map((inputs) -> DerivedKeys.derive(inputs[0], inputs[1], inputs[2]))
			.toList();

		assertThat(keys).extracting(SealingKey::id).doesNotHaveDuplicates();
		assertThat(keys).extracting((key) -> HexFormat.of().formatHex(key.secret().getEncoded()))
			.doesNotHaveDuplicates();
	}

	@Test
	void deriveWhenCalledReturnsAesKeyWithShortId() {
		SealingKey key = DerivedKeys.derive("github", "client", "s");

		assertThat(key.id()).matches("derived-[A-Za-z0-9_-]{11}");
		assertThat(key.secret().getAlgorithm()).isEqualTo("AES");
		assertThat(key.secret().getEncoded()).hasSize(32);
		assertThat(key.toString()).isEqualTo("SealingKey[id=" + key.id() + "]");
	}

}
