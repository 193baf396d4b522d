package io.github.oauthredis.crypto;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Collectors;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.FileSystemResource;
import org.springframework.core.io.Resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

@ExtendWith(OutputCaptureExtension.class)
class JwkSetFileTests {

	private static final String SECRET = Base64.getUrlEncoder().withoutPadding().encodeToString(new byte[32]);

	private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

	@TempDir
	Path directory;

	private final MutableClock clock = new MutableClock();

	private long modifications;

	@Test
	void getWhenFileIsUnchangedReturnsSameList() throws IOException {
		JwkSetFile file = watch(write("jwks.json", set("one")));

		List<SealingKey> keys = file.get();
		this.clock.advance(Duration.ofSeconds(5));

		assertThat(keys).extracting(SealingKey::id).containsExactly("one");
		assertThat(file.get()).isSameAs(keys);
	}

	@Test
	void getWhenFileChangedReturnsNewKeysAfterOneSecond() throws IOException {
		JwkSetFile file = watch(write("jwks.json", set("one")));

		write("jwks.json", set("two", "one"));

		this.clock.advance(Duration.ofMillis(999));
		assertThat(file.get()).extracting(SealingKey::id).containsExactly("one");
		this.clock.advance(Duration.ofMillis(1));
		assertThat(file.get()).extracting(SealingKey::id).containsExactly("two", "one");
	}

	@Test
	void getWhenClockWasSetBackStillSeesChanges() throws IOException {
		JwkSetFile file = watch(write("jwks.json", set("one")));

		write("jwks.json", set("two"));
		this.clock.advance(Duration.ofHours(-1));

		assertThat(file.get()).extracting(SealingKey::id).containsExactly("two");
	}

	@Test
	void getWhenNewFileIsMalformedKeepsKeysAndWarnsOnce(CapturedOutput output) throws IOException {
		JwkSetFile file = watch(write("jwks.json", set("one")));

		write("jwks.json", "{\"keys\":[{\"kty\":\"oct\",\"kid\":\"two\",\"k\":\"S3CRET\"}]}");
		for (int i = 0; i < 5; i++) {
			this.clock.advance(Duration.ofSeconds(1));
			assertThat(file.get()).extracting(SealingKey::id).containsExactly("one");
		}

		assertThat(output).containsOnlyOnce("is malformed; the keys read before stay in use").doesNotContain("S3CRET");
	}

	@Test
	void getWhenFileIsMendedReturnsNewKeysAndWarnsAgainNextTime(CapturedOutput output) throws IOException {
		JwkSetFile file = watch(write("jwks.json", set("one")));
		write("jwks.json", "");
		advanceAndGet(file);

		write("jwks.json", set("two"));
		assertThat(advanceAndGet(file)).extracting(SealingKey::id).containsExactly("two");
		write("jwks.json", set());
		assertThat(advanceAndGet(file)).extracting(SealingKey::id).containsExactly("two");

		assertThat(output.toString().split("stay in use", -1)).hasSize(3);
	}

	@Test
	void getWhenHalfWrittenFileIsCompletedWithinSameTimestampReturnsNewKeys() throws IOException {
		Path path = write("jwks.json", set("one"));
		JwkSetFile file = watch(path);
		String complete = set("two");
		Path half = write("jwks.json", " ".repeat(complete.length()));
		FileTime time = Files.getLastModifiedTime(half);
		advanceAndGet(file);

		Files.writeString(path, complete);
		Files.setLastModifiedTime(path, time);

		assertThat(advanceAndGet(file)).extracting(SealingKey::id).containsExactly("two");
	}

	@Test
	void getWhenFileDisappearsKeepsKeysUntilItIsBack(CapturedOutput output) throws IOException {
		Path path = write("jwks.json", set("one"));
		JwkSetFile file = watch(path);

		Files.delete(path);
		assertThat(advanceAndGet(file)).extracting(SealingKey::id).containsExactly("one");
		assertThat(advanceAndGet(file)).extracting(SealingKey::id).containsExactly("one");
		write("jwks.json", set("two"));

		assertThat(advanceAndGet(file)).extracting(SealingKey::id).containsExactly("two");
		assertThat(output).containsOnlyOnce("cannot be read; the keys read before stay in use");
	}

	@Test
	void getWhenLinkIsSwappedToFileOfSameTimeAndSizeReturnsNewKeys() throws IOException {
		Path old = Files.createDirectory(this.directory.resolve("..2026_1"));
		Path next = Files.createDirectory(this.directory.resolve("..2026_2"));
		Files.setLastModifiedTime(Files.writeString(old.resolve("jwks.json"), set("one")), FileTime.from(START));
		Files.setLastModifiedTime(Files.writeString(next.resolve("jwks.json"), set("two")), FileTime.from(START));
		Path data = Files.createSymbolicLink(this.directory.resolve("..data"), old.getFileName());
		Path link = Files.createSymbolicLink(this.directory.resolve("jwks.json"), Path.of("..data", "jwks.json"));
		JwkSetFile file = watch(link);

		Path temporary = Files.createSymbolicLink(this.directory.resolve("..data_tmp"), next.getFileName());
		Files.move(temporary, data, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);

		assertThat(advanceAndGet(file)).extracting(SealingKey::id).containsExactly("two");
	}

	@Test
	void getWhenCheckIsDueReadsOnlyOnTheExecutor() throws IOException {
		Queue<Runnable> tasks = new ArrayDeque<>();
		JwkSetFile file = new JwkSetFile(new FileSystemResource(write("jwks.json", set("one"))), this.clock,
				tasks::add);
		write("jwks.json", set("two"));
		this.clock.advance(Duration.ofSeconds(1));

		assertThat(file.get()).extracting(SealingKey::id).containsExactly("one");
		assertThat(file.get()).extracting(SealingKey::id).containsExactly("one");
		assertThat(tasks).hasSize(1);
		tasks.remove().run();

		assertThat(file.get()).extracting(SealingKey::id).containsExactly("two");
	}

	@Test
	void getWhenExecutorIsClosedReturnsKnownKeys() throws IOException {
		JwkSetFile file = new JwkSetFile(new FileSystemResource(write("jwks.json", set("one"))), this.clock, (task) -> {
			throw new RejectedExecutionException();
		});
		this.clock.advance(Duration.ofSeconds(1));

		assertThat(file.get()).extracting(SealingKey::id).containsExactly("one");
	}

	@Test
	void createWhenFileIsMalformedThrowsWithLocation() throws IOException {
		Path path = write("jwks.json", "{\"keys\":\"S3CRET\"}");

		assertThatExceptionOfType(SealingKeyException.class).isThrownBy(() -> watch(path))
			.withMessageContaining(path.toString())
			.withMessageNotContaining("S3CRET")
			.withNoCause();
	}

	@Test
	void createWhenFileIsMissingThrowsWithLocation() {
		Path path = this.directory.resolve("missing.json");

		assertThatExceptionOfType(SealingKeyException.class).isThrownBy(() -> watch(path))
			.withMessage("JWK Set of file [%s] cannot be read".formatted(path))
			.withNoCause();
	}

	@Test
	void createWhenLocationIsDirectoryThrows() {
		assertThatExceptionOfType(SealingKeyException.class).isThrownBy(() -> watch(this.directory)).withNoCause();
	}

	@Test
	void createWhenFileIsHugeThrows() throws IOException {
		Path path = write("jwks.json", " ".repeat(1024 * 1024) + set("one"));

		assertThatExceptionOfType(SealingKeyException.class).isThrownBy(() -> watch(path))
			.withMessageContaining("1 MiB");
	}

	@Test
	void createWhenLocationIsTheKeyItselfThrowsWithoutIt() {
		String padded = Base64.getEncoder()
			.encodeToString("S3CRET-S3CRET-S3CRET-S3CRET-S3C!".getBytes(StandardCharsets.UTF_8));
		for (String misplaced : List.of(set("S3CRET"), padded, "https://user:S3CRET@example.com/jwks")) {
			Resource location = new ClassPathResource(misplaced);

			assertThatExceptionOfType(SealingKeyException.class)
				.isThrownBy(() -> new JwkSetFile(location, this.clock, Runnable::run))
				.withMessage("JWK Set of 'oauth-redis.encryption.jwk-set-location' cannot be read")
				.withNoCause();
		}
	}

	@Test
	void createWhenResourceIsNoFileReadsIt() {
		JwkSetFile file = new JwkSetFile(new ByteArrayResource(set("one").getBytes(StandardCharsets.UTF_8)) {

			@Override
			public long lastModified() {
				return 1;
			}

		}, this.clock, Runnable::run);

		assertThat(advanceAndGet(file)).extracting(SealingKey::id).containsExactly("one");
	}

	private List<SealingKey> advanceAndGet(JwkSetFile file) {
		this.clock.advance(Duration.ofSeconds(1));
		return file.get();
	}

	private JwkSetFile watch(Path path) {
		return new JwkSetFile(new FileSystemResource(path), this.clock, Runnable::run);
	}

	private Path write(String name, String content) throws IOException {
		Path path = Files.writeString(this.directory.resolve(name), content);
		return Files.setLastModifiedTime(path, FileTime.from(START.plusSeconds(this.modifications++)));
	}

	private static String set(String... ids) {
		String keys = Arrays.stream(ids)
			.map((id) -> "{\"kty\":\"oct\",\"kid\":\"%s\",\"k\":\"%s\"}".formatted(id, SECRET))
			.collect(Collectors.joining(","));
		return "{\"keys\":[" + keys + "]}";
	}

	private static final class MutableClock extends Clock {

		private Instant now = START;

		void advance(Duration duration) {
			this.now = this.now.plus(duration);
		}

		@Override
		public Instant instant() {
			return this.now;
		}

		@Override
		public ZoneId getZone() {
			return ZoneOffset.UTC;
		}

		@Override
		public Clock withZone(ZoneId zone) {
			return this;
		}

	}

}
