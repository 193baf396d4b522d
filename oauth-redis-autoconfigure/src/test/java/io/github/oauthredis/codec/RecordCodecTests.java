package io.github.oauthredis.codec;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

import javax.crypto.spec.SecretKeySpec;

import org.junit.jupiter.api.Test;

import io.github.oauthredis.crypto.KeyRing;
import io.github.oauthredis.crypto.SealingKey;
import io.github.oauthredis.crypto.SealingKeyException;
import io.github.oauthredis.token.Digests;
import io.github.oauthredis.token.Marks;
import io.github.oauthredis.token.Rotation;
import io.github.oauthredis.token.Tokens;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class RecordCodecTests {

	private static final String MARKER = "S3CRET";

	private static final String RECORD = "oauth-redis:{github~0123456789012345678901234567890123456789012}:token";

	private static final long GENERATION = 1_767_225_600_000L;

	private static final SealingKey FIRST = key("derived-AAAAAAAAAAA", 1);

	private static final SealingKey SECOND = key("second", 2);

	private static final KeyRing RING = KeyRing.of(FIRST);

	private static final Tokens TOKENS = tokens(MARKER + "a".repeat(90), MARKER + "r".repeat(50));

	private final RecordCodec codec = new RecordCodec();

	@Test
	void openWhenSealedForThisPlaceReturnsContent() {
		byte[] envelope = this.codec.seal(RING, RECORD, GENERATION, TOKENS);

		assertThat(open(RING, envelope)).isEqualTo(new Opened.Content(TOKENS));
	}

	@Test
	void openWhenSealedFromAnyTokensReturnsContent() {
		RandomTokens random = new RandomTokens(3);

		for (int i = 0; i < 2000; i++) {
			Tokens tokens = random.next();
			byte[] envelope = this.codec.seal(RING, RECORD, i, tokens);
			assertThat(this.codec.open(RING, RECORD, i, envelope)).isEqualTo(new Opened.Content(tokens));
		}
	}

	@Test
	void sealWhenCalledTwiceReturnsDifferentBytesWithoutPlaintext() {
		byte[] one = this.codec.seal(RING, RECORD, GENERATION, TOKENS);
		byte[] two = this.codec.seal(RING, RECORD, GENERATION, TOKENS);

		assertThat(one).isNotEqualTo(two);
		assertThat(new String(one, StandardCharsets.ISO_8859_1)).doesNotContain(MARKER, "alice", "openid");
	}

	@Test
	void sealWhenCalledReturnsDocumentedHeader() {
		byte[] envelope = this.codec.seal(RING, RECORD, GENERATION, TOKENS);

		assertThat(envelope).startsWith((byte) 1, (byte) FIRST.id().length());
		assertThat(new String(envelope, 2, FIRST.id().length(), StandardCharsets.UTF_8)).isEqualTo(FIRST.id());
	}

	@Test
	void sealWhenTokensTakeTwoThousandBytesStaysWithinBudget() {
		Tokens tokens = tokens("a".repeat(1500), "r".repeat(500));

		byte[] envelope = this.codec.seal(RING, RECORD, GENERATION, tokens);

		int overhead = envelope.length - 2000;
		assertThat(overhead).isLessThanOrEqualTo(250);
		assertThat(envelope.length + RECORD.length() + "sealedmeta".length() + 150).isLessThanOrEqualTo(2500);
	}

	@Test
	void sealWhenTokensWereRotatedOftenStaysWithinBudget() {
		Tokens tokens = tokens("a".repeat(1500), "r".repeat(500));
		List<Rotation> lineage = Stream.iterate(1, (i) -> i + 1)
			.map((i) -> Rotation.of("r" + i, tokens.issuedAt().minus(Duration.ofDays(i))))
			.limit(Tokens.LONGEST_LINEAGE)
			.toList();
		Tokens rotated = new Tokens(tokens.accessToken(), tokens.tokenType(), tokens.refreshToken(), tokens.scopes(),
				tokens.requestedScopes(), tokens.principalName(), tokens.issuedAt(), tokens.expiresAt(),
				tokens.refreshTokenIssuedAt(), tokens.lifetime(), null, tokens.previousAccessToken(), true, Marks.NONE,
				lineage);

		byte[] envelope = this.codec.seal(RING, RECORD, GENERATION, rotated);

		int lineageBytes = envelope.length - this.codec.seal(RING, RECORD, GENERATION, tokens).length;
		assertThat(lineageBytes).isLessThanOrEqualTo(77);
		assertThat(envelope.length + RECORD.length() + "sealedmeta".length() + 150).isLessThanOrEqualTo(2560);
	}

	@Test
	void sealWhenTokensAreTooLargeThrows() {
		Tokens tokens = tokens("a".repeat(1024 * 1024), "r");

		assertThatIllegalArgumentException().isThrownBy(() -> this.codec.seal(RING, RECORD, GENERATION, tokens));
	}

	@Test
	void sealWhenTokensAreAsLargeAsAllowedOpens() {
		int overhead = TokensCodec.write(tokens("", "r")).length;
		Tokens tokens = tokens("a".repeat(1024 * 1024 - overhead), "r");
		SealingKey longId = key("k".repeat(255), 1);

		byte[] envelope = this.codec.seal(KeyRing.of(longId), RECORD, GENERATION, tokens);

		assertThat(open(KeyRing.of(longId), envelope)).isEqualTo(new Opened.Content(tokens));
	}

	@Test
	void openWhenKeyWasRotatedReturnsContent() {
		byte[] before = this.codec.seal(KeyRing.of(FIRST), RECORD, GENERATION, TOKENS);

		KeyRing rotated = KeyRing.of(SECOND, FIRST);
		byte[] after = this.codec.seal(rotated, RECORD, GENERATION, TOKENS);

		assertThat(open(rotated, before)).isInstanceOf(Opened.Content.class);
		assertThat(open(rotated, after)).isInstanceOf(Opened.Content.class);
		assertThat(open(KeyRing.of(FIRST), after)).isEqualTo(new Opened.UnknownKey("second"));
	}

	@Test
	void openWhenKeyIdIsNotAsciiReturnsContent() {
		KeyRing ring = KeyRing.of(key("schl\u00fcssel-\ud83d\udd11", 1));

		assertThat(open(ring, this.codec.seal(ring, RECORD, GENERATION, TOKENS))).isInstanceOf(Opened.Content.class);
	}

	@Test
	void openWhenKeyIsUnknownReturnsUnknownKey() {
		byte[] envelope = this.codec.seal(RING, RECORD, GENERATION, TOKENS);

		assertThat(open(KeyRing.of(SECOND), envelope)).isEqualTo(new Opened.UnknownKey(FIRST.id()));
		assertThat(open(KeyRing.unsealed(), envelope)).isEqualTo(new Opened.UnknownKey(FIRST.id()));
	}

	@Test
	void openWhenUnknownKeyIdIsHostileReturnsPrintableId() {
		String hostile = "\n\u001b[31m\u202e\"" + "\u00e9".repeat(100);
		byte[] id = hostile.getBytes(StandardCharsets.UTF_8);
		byte[] envelope = ByteBuffer.allocate(2 + id.length + 100).put((byte) 1).put((byte) id.length).put(id).array();

		Opened opened = open(RING, envelope);

		assertThat(opened).isInstanceOfSatisfying(Opened.UnknownKey.class,
				(unknown) -> assertThat(unknown.keyId()).hasSize(64).startsWith("??[31m?\"?").matches("[!-~]+"));
	}

	@Test
	void openWhenSameKeyIdHasOtherSecretReturnsBroken() {
		byte[] envelope = this.codec.seal(RING, RECORD, GENERATION, TOKENS);

		assertThat(open(KeyRing.of(key(FIRST.id(), 9)), envelope)).isEqualTo(new Opened.Broken("wrong seal"));
	}

	@Test
	void openWhenBlobsOfTwoRecordsWereSwappedReturnsBroken() {
		byte[] alice = this.codec.seal(RING, "oauth-redis:{github~a}:token", GENERATION, TOKENS);

		assertThat(this.codec.open(RING, "oauth-redis:{github~b}:token", GENERATION, alice))
			.isEqualTo(new Opened.Broken("wrong seal"));
	}

	@Test
	void openWhenOlderBlobIsUnderNewerGenerationReturnsBroken() {
		byte[] older = this.codec.seal(RING, RECORD, GENERATION, TOKENS);

		assertThat(this.codec.open(RING, RECORD, GENERATION + 1, older)).isEqualTo(new Opened.Broken("wrong seal"));
		assertThat(this.codec.open(RING, RECORD, GENERATION - 1, older)).isEqualTo(new Opened.Broken("wrong seal"));
	}

	@Test
	void openWhenAnyBitIsFlippedReturnsNoContent() {
		byte[] envelope = this.codec.seal(RING, RECORD, GENERATION, TOKENS);

		for (int bit = 0; bit < envelope.length * 8; bit++) {
			byte[] flipped = envelope.clone();
			flipped[bit / 8] ^= (byte) (1 << (bit % 8));
			assertRefused(open(RING, flipped));
			assertRefused(open(KeyRing.unsealed(FIRST), flipped));
		}
	}

	@Test
	void openWhenTruncatedOrExtendedReturnsNoContent() {
		byte[] envelope = this.codec.seal(RING, RECORD, GENERATION, TOKENS);

		for (int length = 0; length < envelope.length; length++) {
			assertRefused(open(RING, Arrays.copyOf(envelope, length)));
			assertRefused(open(RING, Arrays.copyOfRange(envelope, envelope.length - length, envelope.length)));
		}
		assertRefused(open(RING, Arrays.copyOf(envelope, envelope.length + 1)));
	}

	@Test
	void openWhenBytesAreRandomReturnsNoContent() {
		RandomTokens random = new RandomTokens(4);

		for (int i = 0; i < 50_000; i++) {
			byte[] bytes = random.bytes(200);
			if (bytes.length > 0 && i % 2 == 0) {
				bytes[0] = (byte) (i / 2 % 3);
			}
			assertRefused(open(RING, bytes));
			assertRefused(open(KeyRing.unsealed(FIRST), bytes));
		}
	}

	@Test
	void openWhenHeaderIsRightAndRestIsRandomReturnsBroken() {
		RandomTokens random = new RandomTokens(5);
		byte[] header = Arrays.copyOf(this.codec.seal(RING, RECORD, GENERATION, TOKENS), 2 + FIRST.id().length());

		for (int i = 0; i < 20_000; i++) {
			byte[] rest = random.bytes(100);
			byte[] bytes = ByteBuffer.allocate(header.length + rest.length).put(header).put(rest).array();
			assertThat(open(RING, bytes)).isInstanceOf(Opened.Broken.class);
		}
	}

	@Test
	void openWhenUnsealedJsonIsMutatedNeverThrows() {
		byte[] json = this.codec.seal(KeyRing.unsealed(), RECORD, GENERATION, TOKENS);
		RandomTokens random = new RandomTokens(6);

		for (int i = 0; i < 50_000; i++) {
			byte[] mutated = json.clone();
			for (byte b : random.bytes(4)) {
				mutated[1 + Math.floorMod(b * 31 + i, mutated.length - 1)] = b;
			}
			Opened opened = open(KeyRing.unsealed(), mutated);
			assertThat(opened).isInstanceOfAny(Opened.Content.class, Opened.Broken.class);
			assertThat(opened.toString()).doesNotContain(MARKER);
		}
	}

	@Test
	void openWhenBytesArePlaintextJsonReturnsBroken() {
		byte[] json = TokensCodec.write(TOKENS);

		assertThat(open(RING, json)).isEqualTo(new Opened.Broken("not a record"));
		assertThat(open(KeyRing.unsealed(FIRST), json)).isEqualTo(new Opened.Broken("not a record"));
	}

	@Test
	void openWhenUnsealedRecordMeetsSealingRingReturnsBroken() {
		byte[] unsealed = this.codec.seal(KeyRing.unsealed(), RECORD, GENERATION, TOKENS);

		assertThat(open(RING, unsealed)).isEqualTo(new Opened.Broken("not sealed"));
	}

	@Test
	void openWhenSealingIsOffReadsUnsealedAndEarlierSealedRecords() {
		KeyRing off = KeyRing.unsealed(FIRST);

		byte[] unsealed = this.codec.seal(off, RECORD, GENERATION, TOKENS);
		byte[] sealed = this.codec.seal(RING, RECORD, GENERATION, TOKENS);

		assertThat(unsealed).startsWith((byte) 0, (byte) '{');
		assertThat(open(off, unsealed)).isEqualTo(new Opened.Content(TOKENS));
		assertThat(open(off, sealed)).isEqualTo(new Opened.Content(TOKENS));
	}

	@Test
	void openWhenHugeReturnsBroken() {
		for (byte format = 0; format < 2; format++) {
			byte[] huge = new byte[4 * 1024 * 1024];
			huge[0] = format;

			assertThat(open(RING, huge)).isEqualTo(new Opened.Broken("too large"));
			assertThat(open(KeyRing.unsealed(), huge)).isEqualTo(new Opened.Broken("too large"));
		}
	}

	@Test
	void openWhenFormatIsReservedReturnsUnknownKey() {
		assertThat(open(RING, new byte[] { 2, 1, 2, 3 })).isEqualTo(new Opened.UnknownKey("format-2"));
		assertThat(open(RING, new byte[] { 31 })).isEqualTo(new Opened.UnknownKey("format-31"));
		assertThat(open(RING, new byte[] { 32 })).isEqualTo(new Opened.Broken("not a record"));
		assertThat(open(RING, new byte[] { -1 })).isEqualTo(new Opened.Broken("not a record"));
	}

	@Test
	void openWhenKeyCannotBeUsedThrowsInsteadOfCallingTheRecordBroken() {
		byte[] envelope = this.codec.seal(RING, RECORD, GENERATION, TOKENS);
		SealingKey unusable = new SealingKey(FIRST.id(), new SecretKeySpec(new byte[5], "AES"));

		assertThatExceptionOfType(SealingKeyException.class).isThrownBy(() -> open(KeyRing.of(unusable), envelope));
	}

	private Opened open(KeyRing ring, byte[] envelope) {
		return this.codec.open(ring, RECORD, GENERATION, envelope);
	}

	private static void assertRefused(Opened opened) {
		assertThat(opened).isNotInstanceOf(Opened.Content.class);
		assertThat(opened.toString()).doesNotContain(MARKER);
	}

	private static SealingKey key(String id, int value) {
		byte[] bytes = new byte[32];
		Arrays.fill(bytes, (byte) value);
		return new SealingKey(id, new SecretKeySpec(bytes, "AES"));
	}

	private static Tokens tokens(String accessToken, String refreshToken) {
		Instant issued = Instant.parse("2026-01-01T00:00:00.123456789Z");
		Set<String> scopes = Set.of("openid", "profile", "email", "offline_access");
		return new Tokens(accessToken, "Bearer", refreshToken, scopes, scopes, "alice@example.com", issued,
				issued.plusSeconds(3600), issued, Duration.ofHours(1), null, Digests.sha256("previous"), true,
				Marks.NONE);
	}

}
