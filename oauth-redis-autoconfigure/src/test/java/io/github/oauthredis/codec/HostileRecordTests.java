package io.github.oauthredis.codec;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

import javax.crypto.spec.SecretKeySpec;

import org.junit.jupiter.api.Test;

import io.github.oauthredis.crypto.KeyRing;
import io.github.oauthredis.crypto.SealingKey;
import io.github.oauthredis.testkit.Hostile;
import io.github.oauthredis.token.Tokens;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Hazard 25: whatever lies in Redis is content only if it was sealed for this place.
 */
class HostileRecordTests {

	private static final List<String> FIELDS = List.of("a", "a", "i", "i", "t", "r", "s", "q", "p", "e", "x", "l", "h",
			"d", "o", "m");

	private static final String RECORD = "github~digest";

	private static final long GENERATION = 7;

	private static final SealingKey FIRST = key("first", 1);

	private static final SealingKey SECOND = key("second", 2);

	private final RecordCodec codec = new RecordCodec();

	@Test
	void unsealedContentIsReadOrBroken() {
		int[] read = new int[1];
		Hostile.each(4000, (hostile) -> {
			// What must be there, mostly.
			String json = hostile.json(FIELDS);
			String whole = hostile.maybe() ? "{\"a\":\"" + Hostile.CANARY + "\",\"i\":1,\"z\":" + json + "}" : json;
			byte[] damaged = hostile.damaged(whole);

			Opened opened = this.codec.open(KeyRing.unsealed(), RECORD, GENERATION, envelope(0, damaged));

			assertThat(opened).isInstanceOfAny(Opened.Content.class, Opened.Broken.class);
			assertThat(opened.toString()).doesNotContain(Hostile.CANARY);
			if (opened instanceof Opened.Content content) {
				read[0]++;
				assertSame(content.tokens());
			}
		});
		assertThat(read[0]).isPositive();
	}

	private void assertSame(Tokens tokens) {
		KeyRing ring = KeyRing.of(FIRST);
		byte[] sealed = this.codec.seal(ring, RECORD, GENERATION, tokens);

		assertThat(this.codec.open(ring, RECORD, GENERATION, sealed)).isEqualTo(new Opened.Content(tokens));
	}

	@Test
	void envelopeThatWasChangedIsNeverOpened() {
		KeyRing ring = KeyRing.of(FIRST, SECOND);
		RandomTokens random = new RandomTokens(24);
		Hostile.each(4000, (hostile) -> {
			byte[] first = this.codec.seal(ring, RECORD, GENERATION, random.next());
			byte[] second = this.codec.seal(KeyRing.of(SECOND), RECORD, GENERATION, random.next());
			byte[] forged = forged(hostile, first, second);

			Opened opened = this.codec.open(ring, RECORD, GENERATION, forged);

			boolean untouched = Arrays.equals(forged, first) || Arrays.equals(forged, second);
			assertThat(opened instanceof Opened.Content).isEqualTo(untouched);
			assertThat(opened.toString()).hasSizeLessThan(200);
		});
	}

	@Test
	void envelopeOfAnotherPlaceIsNeverOpened() {
		KeyRing ring = KeyRing.of(FIRST);
		RandomTokens random = new RandomTokens(31);
		Hostile.each(4000, (hostile) -> {
			String record = hostile.text();
			String other = hostile.text();
			long generation = hostile.number(3);
			long otherGeneration = hostile.number(3);
			byte[] sealed = this.codec.seal(ring, record, generation, random.next());

			Opened opened = this.codec.open(ring, other, otherGeneration, sealed);

			// Half a surrogate pair has no UTF-8 of its own; the digest in a real name
			// keeps such apart.
			boolean same = Arrays.equals(record.getBytes(StandardCharsets.UTF_8),
					other.getBytes(StandardCharsets.UTF_8)) && generation == otherGeneration;
			assertThat(opened instanceof Opened.Content).isEqualTo(same);
		});
	}

	/**
	 * Beginning of one, end of the other, and changes in between.
	 */
	private static byte[] forged(Hostile hostile, byte[] first, byte[] second) {
		return switch (hostile.number(6)) {
			case 0 -> first;
			case 1 -> second;
			case 2 -> {
				int cut = hostile.number(Math.min(first.length, second.length));
				yield ByteBuffer.allocate(second.length)
					.put(first, 0, cut)
					.put(second, cut, second.length - cut)
					.array();
			}
			case 3 -> Arrays.copyOf(first, hostile.number(first.length));
			case 4 -> Arrays.copyOf(first, first.length + 1 + hostile.number(64));
			default -> {
				byte[] changed = first.clone();
				changed[hostile.number(changed.length)] ^= (byte) (1 << hostile.number(8));
				yield changed;
			}
		};
	}

	private static byte[] envelope(int format, byte[] content) {
		return ByteBuffer.allocate(1 + content.length).put((byte) format).put(content).array();
	}

	private static SealingKey key(String id, int seed) {
		byte[] secret = new byte[32];
		secret[0] = (byte) seed;
		return new SealingKey(id, new SecretKeySpec(secret, "AES"));
	}

}
