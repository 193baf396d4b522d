package io.github.oauthredis.codec;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauthredis.token.Marks;
import io.github.oauthredis.token.Rotation;
import io.github.oauthredis.token.Tokens;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class TokensCodecTests {

	private static final Instant ISSUED = Instant.parse("2026-01-01T00:00:00.123456789Z");

	private static final Tokens MINIMAL = new Tokens("access", "Bearer", null, Set.of(), Set.of(), null,
			Instant.ofEpochSecond(1000), null, null, null, null, null, false, Marks.NONE);

	@Test
	void readWhenWrittenFromAnyTokensReturnsEqualTokens() {
		RandomTokens random = new RandomTokens(1);

		for (int i = 0; i < 20_000; i++) {
			Tokens tokens = random.next();
			assertThat(read(TokensCodec.write(tokens))).isEqualTo(tokens);
		}
	}

	@Test
	void writeWhenFieldsAreNullOrUsualReturnsJsonWithoutThem() {
		assertThat(text(TokensCodec.write(MINIMAL))).isEqualTo("{\"a\":\"access\",\"i\":1000}");
	}

	@Test
	void writeWhenAllFieldsAreSetReturnsDocumentedJson() {
		Tokens tokens = new Tokens("access", "DPoP", "refresh", Set.of("b", "a", "c"), Set.of("d", "c"), "alice",
				ISSUED, ISSUED.plusSeconds(60), ISSUED.plusNanos(1), Duration.ofSeconds(60), Duration.ofMillis(1500),
				"digest", true, new Marks(1, 0, 3));

		assertThat(text(TokensCodec.write(tokens))).isEqualTo(
				"{'a':'access','t':'DPoP','r':'refresh','s':['a','b','c'],'q':['c','d'],'p':'alice','i':[1767225600,123456789],"
					.replace('\'', '"')
						+ "'e':60,'x':[0,1],'l':60,'h':[1,500000000],'d':'digest','o':true,'m':[1,0,3]}".replace('\'',
								'"'));
	}

	@Test
	void writeWhenMarksEndInZerosLeavesThemOut() {
		assertThat(text(TokensCodec.write(marked(new Marks(7, 0, 0))))).endsWith(",\"m\":[7]}");
		assertThat(text(TokensCodec.write(marked(new Marks(0, 7, 0))))).endsWith(",\"m\":[0,7]}");
		assertThat(text(TokensCodec.write(marked(new Marks(0, 0, 7))))).endsWith(",\"m\":[0,0,7]}");
	}

	@Test
	void writeWhenRefreshTokensWereReplacedReturnsDocumentedLineage() {
		Rotation first = new Rotation("AAAAAAAAAAAA", Instant.EPOCH);
		Rotation last = new Rotation("____________", Instant.parse("2106-02-07T06:28:15Z"));
		Tokens tokens = new Tokens("access", "Bearer", null, Set.of(), Set.of(), null, Instant.ofEpochSecond(1000),
				null, null, null, null, null, false, Marks.NONE, List.of(first, last));

		byte[] json = TokensCodec.write(tokens);

		assertThat(text(json))
			.isEqualTo("{'a':'access','i':1000,'n':'AAAAAAAAAAAAAAAAAP________________8'}".replace('\'', '"'));
		assertThat(read(json)).isEqualTo(tokens);
	}

	@Test
	void readWhenWrittenBeforeLineagesReturnsNone() {
		assertThat(read("{'a':'access','i':1000}").lineage()).isEmpty();
	}

	@Test
	void readWhenLineageIsLongerThanThisVersionsTakesTheNewest() {
		String json = "{'a':'access','i':1000,'n':'" + "A".repeat(52 * 2) + "'}";

		assertThat(read(json).lineage()).hasSize(Tokens.LONGEST_LINEAGE);
	}

	@Test
	void readWhenMarksAreAbsentReturnsNone() {
		assertThat(read("{'a':'access','i':1000}").marks()).isEqualTo(Marks.NONE);
	}

	@Test
	void writeWhenRequestedScopesAreEmptyAndGrantedAreNotKeepsBoth() {
		Tokens tokens = new Tokens("access", "Bearer", null, Set.of("a"), Set.of(), null, ISSUED, null, null, null,
				null, null, false, Marks.NONE);

		assertThat(read(TokensCodec.write(tokens))).isEqualTo(tokens);
	}

	@Test
	void writeWhenCharactersAreNotAsciiReturnsAsciiOnly() {
		RandomTokens random = new RandomTokens(2);

		for (int i = 0; i < 1000; i++) {
			assertThat(TokensCodec.write(random.next())).matches((bytes) -> {
				for (byte b : bytes) {
					if (b < 0x20) {
						return false;
					}
				}
				return true;
			});
		}
	}

	@Test
	void writeWhenTooLargeThrowsWithoutContent() {
		Tokens tokens = new Tokens("S3CRET".repeat(200_000), "Bearer", null, Set.of(), Set.of(), null, ISSUED, null,
				null, null, null, null, false, Marks.NONE);

		assertThatIllegalArgumentException().isThrownBy(() -> TokensCodec.write(tokens))
			.withMessageContaining("1 MiB")
			.withMessageNotContaining("S3CRET");
	}

	@Test
	void readWhenFieldsAreUnknownIgnoresThem() {
		String json = "{'z':{'a':[1,{'b':null}]},'a':'access','new':1.5e3,'i':1000,'y':[[true]]}";

		assertThat(read(json)).isEqualTo(MINIMAL);
	}

	@Test
	void readWhenCharactersAreNotEscapedReturnsThem() {
		assertThat(read("{'a':'\u7b7e\ud83d\ude00','i':1}").accessToken()).isEqualTo("\u7b7e\ud83d\ude00");
	}

	@Test
	void readWhenOffsetIsGivenSkipsWhatIsBefore() {
		byte[] bytes = ("x" + text(TokensCodec.write(MINIMAL))).getBytes(StandardCharsets.UTF_8);

		assertThat(TokensCodec.read(bytes, 1)).isEqualTo(MINIMAL);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", " ", "null", "S3CRET", "'S3CRET'", "[]", "{}", "{", "{'a'", "{'a':'S3CRET'}",
			"{'i':1}", "{'a':'S3CRET','i':1", "{'a':'S3CRET','i':1}{}", "{'a':'S3CRET','i':1} S3CRET",
			"{'a':'S3CRET','a':'S3CRET','i':1}", "{'a':'x','i':1,'S3CRET':1,'S3CRET':2}",
			"{'a':'x','i':1,'z':{'S3CRET':1,'S3CRET':2}}", "{'a':1,'i':1}", "{'a':null,'i':1}",
			"{'a':['S3CRET'],'i':1}", "{'a':{'S3CRET':1},'i':1}", "{'a':'x','i':'S3CRET'}", "{'a':'x','i':1.0}",
			"{'a':'x','i':1e3}", "{'a':'x','i':[]}", "{'a':'x','i':[1]}", "{'a':'x','i':[1,2,3]}",
			"{'a':'x','i':[1,-1]}", "{'a':'x','i':[1,1000000000]}", "{'a':'x','i':[1,2}", "{'a':'x','i':[[1,2],3]}",
			"{'a':'x','i':9223372036854775807}", "{'a':'x','i':9223372036854775808}", "{'a':'x','i':31556889864403200}",
			"{'a':'x','i':31556889864403199,'e':1}", "{'a':'x','i':-1,'e':9223372036854775807}",
			"{'a':'x','i':1,'s':'S3CRET'}", "{'a':'x','i':1,'s':[1]}", "{'a':'x','i':1,'s':[['S3CRET']]}",
			"{'a':'x','i':1,'s':['S3CRET'", "{'a':'x','i':1,'s':[null]}", "{'a':'x','i':1,'o':1}",
			"{'a':'x','i':1,'m':1}", "{'a':'x','i':1,'m':[]}", "{'a':'x','i':1,'m':[-1]}",
			"{'a':'x','i':1,'m':[1,2,3,4]}", "{'a':'x','i':1,'m':['S3CRET']}", "{'a':'x','i':1,'m':[1.5]}",
			"{'a':'x','i':1,'m':[9223372036854775808]}", "{'a':'x','i':1,'m':[1", "{'a':'x','i':1,'m':null}",
			"{'a':'x','i':1,'n':1}", "{'a':'x','i':1,'n':[]}", "{'a':'x','i':1,'n':'S3CRET'}",
			"{'a':'x','i':1,'n':'AAAA'}", "{'a':'x','i':1,'n':'!!!!'}", "{'a':'x','i':1,'n':null}",
			"{'a':'x','i':1,'o':'true'}", "{'a':'x','i':1,'o':null}", "{'a':'x\n','i':1}", "{a:'x','i':1}",
			"{'a':'x','i':1,}", "{'a':'x','i':01}", "/*S3CRET*/{'a':'x','i':1}" })
	void readWhenJsonIsNotThatOfTokensThrowsWithoutContent(String json) {
		assertThatExceptionOfType(MalformedTokensException.class).isThrownBy(() -> read(json))
			.withNoCause()
			.withMessageNotContaining("S3CRET");
	}

	@Test
	void readWhenNestedTooDeeplyThrows() {
		String json = "{'a':'x','i':1,'z':" + "[".repeat(100_000) + "]".repeat(100_000) + "}";

		assertThatExceptionOfType(MalformedTokensException.class).isThrownBy(() -> read(json));
	}

	@Test
	void readWhenLargerThanOneMebibyteThrows() {
		String json = "{'a':'x','i':1,'z':'" + "z".repeat(TokensCodec.MAX_BYTES) + "'}";

		assertThatExceptionOfType(MalformedTokensException.class).isThrownBy(() -> read(json))
			.withMessage("more than 1 MiB");
	}

	@Test
	void readWhenNumberIsHugeThrows() {
		String json = "{'a':'x','i':" + "9".repeat(500_000) + "}";

		assertThatExceptionOfType(MalformedTokensException.class).isThrownBy(() -> read(json));
	}

	@Test
	void readWhenUtf8IsMalformedThrows() {
		byte[] bytes = { '{', '"', 'a', '"', ':', '"', (byte) 0xC3, '"', ',', '"', 'i', '"', ':', '1', '}' };

		assertThatExceptionOfType(MalformedTokensException.class).isThrownBy(() -> read(bytes));
	}

	private static Tokens marked(Marks marks) {
		return new Tokens("access", "Bearer", null, Set.of(), Set.of(), null, ISSUED, null, null, null, null, null,
				false, marks);
	}

	private static Tokens read(String json) {
		return read(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
	}

	private static Tokens read(byte[] json) {
		return TokensCodec.read(json, 0);
	}

	private static String text(byte[] bytes) {
		return new String(bytes, StandardCharsets.UTF_8);
	}

}
