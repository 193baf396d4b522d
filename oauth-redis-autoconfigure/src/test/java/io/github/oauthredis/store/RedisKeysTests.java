package io.github.oauthredis.store;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.lettuce.core.cluster.SlotHash;
import org.junit.jupiter.api.Test;

import io.github.oauthredis.token.Digests;
import io.github.oauthredis.token.TokenKey;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link RedisKeys}.
 */
class RedisKeysTests {

	private static final String TOKEN_URI = "https://provider.example/token";

	private static final TokenKey GRANT = TokenKey.grant("github", "client", TOKEN_URI, "alice@example.org");

	private static final TokenKey ISSUED = TokenKey.issued("service", "client", TOKEN_URI, "client_credentials",
			List.of(), Map.of(), null);

	private final RedisKeys keys = new RedisKeys("oauth-redis");

	@Test
	void keysOfOneScriptShareASlot() {
		Stream.of(GRANT, ISSUED, TokenKey.grant("}{", "c", "u", "p"), TokenKey.grant("", "", "", "")).forEach((key) -> {
			assertOneSlot(this.keys.all(key));
			assertOneSlot(this.keys.withAside(key));
			assertOneSlot(this.keys.beside(key));
		});
	}

	@Test
	void besideIsInTheSlotOfNbAndCountsInThatOfTheProvider() {
		int slot = SlotHash.getSlot("nb");

		assertThat(this.keys.beside(GRANT)).allMatch((name) -> SlotHash.getSlot(name) == slot);
		assertThat(List.of(this.keys.budget(GRANT), this.keys.probe(GRANT)))
			.allMatch((name) -> SlotHash.getSlot(name) == SlotHash.getSlot("pv~" + Digests.sha256(TOKEN_URI)));
	}

	@Test
	void besideNamesWhatIsDocumented() {
		assertThat(this.keys.beside(GRANT)).containsExactly("oauth-redis:{nb}:c:" + Digests.sha256(TOKEN_URI),
				"oauth-redis:{nb}:all", "oauth-redis:{nb}:r:github",
				"oauth-redis:{nb}:p:" + Digests.sha256("alice@example.org"));
		assertThat(this.keys.beside(ISSUED)).containsExactly("oauth-redis:{nb}:c:" + Digests.sha256(TOKEN_URI),
				"oauth-redis:{nb}:all", "oauth-redis:{nb}:r:service");
	}

	@Test
	void namesNeverCollide() {
		TokenKey nb = TokenKey.grant("nb", "client", TOKEN_URI, "alice");
		TokenKey pv = TokenKey.grant("pv", "client", TOKEN_URI, "alice");

		List<String> names = Stream.of(GRANT, ISSUED, nb, pv)
			.flatMap((key) -> Stream.concat(this.keys.withAside(key).stream(),
					Stream.concat(this.keys.beside(key).stream(),
							Stream.of(this.keys.budget(key), this.keys.probe(key)))))
			.distinct()
			.toList();

		// Four records, one hold-off, all, four registrations, two principals, one
		// provider.
		assertThat(names).hasSize(4 * 3 + 1 + 1 + 4 + 2 + 2);
	}

	@Test
	void readableWhenIdsDifferInAnyCharacterDiffers() {
		Stream<String> characters = IntStream.rangeClosed(0, 0xFFFF).mapToObj((c) -> String.valueOf((char) c));
		Stream<String> alike = Stream.of("", "?", "%", "%25", "%3F", "%2525", "%u", "%uD800", "%ud800", "a%", "a%2",
				"\uD83D\uDE00", "\uDE00\uD83D", "%F0%9F%98%80", "e\u0301", "a~b", "a}b", "a:b", "A:B");

		List<String> ids = Stream.concat(characters, alike).distinct().toList();

		assertThat(ids.stream().map(RedisKeys::readable).distinct()).hasSameSizeAs(ids);
		assertThat(ids.stream().map(RedisKeys::readable)).allMatch((readable) -> readable.matches("[A-Za-z0-9._%-]*"));
	}

	@Test
	void markWhenScopeIsPrintedHidesThePrincipal() {
		assertThat(new MarkScope.Principal("alice@example.org").toString()).doesNotContain("alice");
	}

	private static void assertOneSlot(List<String> names) {
		assertThat(names.stream().map(SlotHash::getSlot).distinct()).hasSize(1);
	}

}
