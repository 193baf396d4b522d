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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.SecurityContext;
import org.jspecify.annotations.Nullable;
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
class WatchedKeysTests {

	private static final String SECRET = Base64.getUrlEncoder().withoutPadding().encodeToString(new byte[32]);

	private static final Duration DELAY = Duration.ofMinutes(5);

	private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

	@TempDir
	Path directory;

	private final MutableClock clock = new MutableClock();

	private long modifications;

	@Test
	void currentWhenFileIsUnchangedReturnsSameList() throws IOException {
		WatchedKeys file = watch(write("jwks.json", set("one")));

		List<SealingKey> keys = file.current();
		this.clock.advance(Duration.ofSeconds(5));

		assertThat(keys).extracting(SealingKey::id).containsExactly("one");
		assertThat(file.current()).isSameAs(keys);
	}

	@Test
	void currentWhenFileChangedReturnsNewKeysAfterOneSecond() throws IOException {
		WatchedKeys file = watch(write("jwks.json", set("one")));

		write("jwks.json", set("two", "one"));

		this.clock.advance(Duration.ofMillis(999));
		assertThat(file.current()).extracting(SealingKey::id).containsExactly("one");
		this.clock.advance(Duration.ofMillis(1));
		assertThat(file.current()).extracting(SealingKey::id).containsExactlyInAnyOrder("two", "one");
	}

	@Test
	void currentWhenFirstKeyIsNewSealsWithItAfterTheDelay() throws IOException {
		WatchedKeys file = watch(write("jwks.json", set("one")));
		write("jwks.json", set("two", "one"));

		assertThat(advanceAndGet(file)).extracting(SealingKey::id).containsExactly("one", "two");
		this.clock.advance(DELAY.minusMillis(1));
		assertThat(file.current()).extracting(SealingKey::id).containsExactly("one", "two");
		this.clock.advance(Duration.ofMillis(1));

		assertThat(file.current()).extracting(SealingKey::id).containsExactly("two", "one");
		assertThat(file.current()).isSameAs(file.current());
	}

	@Test
	void currentWhenOtherKeysComeAndGoCountsTheDelayFromTheArrivalOfTheFirst() throws IOException {
		WatchedKeys file = watch(write("jwks.json", set("one")));
		write("jwks.json", set("two", "one"));
		advanceAndGet(file);

		this.clock.advance(DELAY.minusSeconds(1));
		write("jwks.json", set("two", "three", "one"));

		assertThat(advanceAndGet(file)).extracting(SealingKey::id).containsExactly("two", "three", "one");
	}

	@Test
	void currentWhenFirstKeyWasKnownForTheDelaySealsWithItAtOnce() throws IOException {
		WatchedKeys file = watch(write("jwks.json", set("one")));
		write("jwks.json", set("one", "two"));
		advanceAndGet(file);
		this.clock.advance(DELAY);

		write("jwks.json", set("two", "one"));

		assertThat(advanceAndGet(file)).extracting(SealingKey::id).containsExactly("two", "one");
	}

	@Test
	void currentWhenFirstKeyWasThereFromTheStartSealsWithItAtOnce() throws IOException {
		WatchedKeys file = watch(write("jwks.json", set("one", "two")));

		write("jwks.json", set("two", "one"));

		assertThat(advanceAndGet(file)).extracting(SealingKey::id).containsExactly("two", "one");
	}

	@Test
	void currentWhenOldKeyIsGoneSealsWithTheNewOneAtOnce() throws IOException {
		WatchedKeys file = watch(write("jwks.json", set("one")));

		write("jwks.json", set("two"));

		assertThat(advanceAndGet(file)).extracting(SealingKey::id).containsExactly("two");
	}

	@Test
	void renewedReadsTheFileOnceForAllCallers() throws IOException {
		Queue<Runnable> tasks = new ArrayDeque<>();
		WatchedKeys file = WatchedKeys.ofFile(new FileSystemResource(write("jwks.json", set("one"))), DELAY, this.clock,
				tasks::add);
		this.clock.advance(Duration.ofSeconds(1));
		write("jwks.json", set("one", "two"));

		List<CompletableFuture<List<SealingKey>>> calls = IntStream.range(0, 10)
			.mapToObj((i) -> file.renewed().toCompletableFuture())
			.toList();

		assertThat(calls).noneMatch(CompletableFuture::isDone);
		assertThat(tasks).hasSize(1);
		tasks.remove().run();
		assertThat(calls).allSatisfy((call) -> assertThat(call.get(20, TimeUnit.SECONDS)).extracting(SealingKey::id)
			.containsExactly("one", "two"));
		assertThat(file.renewed().toCompletableFuture()).as("one look a second").isDone();
		assertThat(tasks).isEmpty();
	}

	@Test
	void renewedWhenSourceHangsReturnsKnownKeys() throws Exception {
		Queue<Runnable> tasks = new ArrayDeque<>();
		WatchedKeys file = WatchedKeys.ofFile(new FileSystemResource(write("jwks.json", set("one"))), DELAY, this.clock,
				tasks::add);
		this.clock.advance(Duration.ofHours(1));

		List<SealingKey> keys = file.renewed().toCompletableFuture().get(20, TimeUnit.SECONDS);

		assertThat(keys).extracting(SealingKey::id).containsExactly("one");
		this.clock.advance(Duration.ofHours(1));
		file.current();
		assertThat(tasks).as("one look at a time").hasSize(1);
	}

	@Test
	void currentWhenSourceChangedReturnsItsKeysAfterTheInterval() {
		Source source = new Source("one");
		WatchedKeys keys = watch(source);
		source.set("one", "two");

		this.clock.advance(Duration.ofMillis(29_999));
		assertThat(keys.current()).extracting(SealingKey::id).containsExactly("one");
		this.clock.advance(Duration.ofMillis(1));

		assertThat(keys.current()).extracting(SealingKey::id).containsExactly("one", "two");
		assertThat(source.questions).hasValue(2);
	}

	@Test
	void renewedAsksTheSourceAgainAtMostOnceInFiveSeconds() {
		Source source = new Source("one");
		WatchedKeys keys = watch(source);
		source.set("one", "two");

		this.clock.advance(Duration.ofMillis(4_999));
		assertThat(keys.renewed().toCompletableFuture().join()).hasSize(1);
		this.clock.advance(Duration.ofMillis(1));

		assertThat(keys.renewed().toCompletableFuture().join()).hasSize(2);
		assertThat(source.questions).hasValue(2);
	}

	@Test
	void currentWhenSourceFailsKeepsKeysAndWarnsOnceWithoutItsWords(CapturedOutput output) {
		Source source = new Source("one");
		WatchedKeys keys = watch(source);

		source.failure = new KeySourceException("S3CRET", new IllegalStateException("S3CRET"));
		for (int i = 0; i < 5; i++) {
			this.clock.advance(Duration.ofMinutes(1));
			assertThat(keys.current()).extracting(SealingKey::id).containsExactly("one");
		}

		assertThat(output)
			.containsOnlyOnce("JWK Set of bean 'source' cannot be read (KeySourceException, caused by IllegalState")
			.doesNotContain("S3CRET");
	}

	@Test
	void createWhenSourceFailsThrows() {
		Source source = new Source("one");
		source.failure = new KeySourceException("S3CRET");

		assertThatExceptionOfType(SealingKeyException.class).isThrownBy(() -> watch(source))
			.withMessage("JWK Set of bean 'source' cannot be read (KeySourceException)")
			.withNoCause();
	}

	@Test
	void createWhenSourceGivesOtherKeysThrows() throws JOSEException {
		ECKey signature = new ECKeyGenerator(Curve.P_256).keyID("S3CRET").generate();

		assertThatExceptionOfType(SealingKeyException.class)
			.isThrownBy(() -> WatchedKeys.ofSource((selector, context) -> List.of(signature), "bean 'source'", DELAY,
					this.clock, Runnable::run))
			.withMessage("Key 1 of the JWK Set of bean 'source' is not of type 'oct'");
		assertThatExceptionOfType(SealingKeyException.class).isThrownBy(() -> watch(new Source()))
			.withMessage("JWK Set of bean 'source' has no keys");
	}

	@Test
	void currentWhenClockWasSetBackStillSeesChanges() throws IOException {
		WatchedKeys file = watch(write("jwks.json", set("one")));

		write("jwks.json", set("two"));
		this.clock.advance(Duration.ofHours(-1));

		assertThat(file.current()).extracting(SealingKey::id).containsExactly("two");
	}

	@Test
	void currentWhenNewFileIsMalformedKeepsKeysAndWarnsOnce(CapturedOutput output) throws IOException {
		WatchedKeys file = watch(write("jwks.json", set("one")));

		write("jwks.json", "{\"keys\":[{\"kty\":\"oct\",\"kid\":\"two\",\"k\":\"S3CRET\"}]}");
		for (int i = 0; i < 5; i++) {
			this.clock.advance(Duration.ofSeconds(1));
			assertThat(file.current()).extracting(SealingKey::id).containsExactly("one");
		}

		assertThat(output).containsOnlyOnce("those read before stay in use. Key 1 of the JWK Set")
			.doesNotContain("S3CRET");
	}

	@Test
	void currentWhenFileIsMendedReturnsNewKeysAndWarnsAgainNextTime(CapturedOutput output) throws IOException {
		WatchedKeys file = watch(write("jwks.json", set("one")));
		write("jwks.json", "");
		advanceAndGet(file);

		write("jwks.json", set("two"));
		assertThat(advanceAndGet(file)).extracting(SealingKey::id).containsExactly("two");
		write("jwks.json", set());
		assertThat(advanceAndGet(file)).extracting(SealingKey::id).containsExactly("two");

		assertThat(output.toString().split("stay in use", -1)).hasSize(3);
	}

	@Test
	void currentWhenHalfWrittenFileIsCompletedWithinSameTimestampReturnsNewKeys() throws IOException {
		Path path = write("jwks.json", set("one"));
		WatchedKeys file = watch(path);
		String complete = set("two");
		Path half = write("jwks.json", " ".repeat(complete.length()));
		FileTime time = Files.getLastModifiedTime(half);
		advanceAndGet(file);

		Files.writeString(path, complete);
		Files.setLastModifiedTime(path, time);

		assertThat(advanceAndGet(file)).extracting(SealingKey::id).containsExactly("two");
	}

	@Test
	void currentWhenFileDisappearsKeepsKeysUntilItIsBack(CapturedOutput output) throws IOException {
		Path path = write("jwks.json", set("one"));
		WatchedKeys file = watch(path);

		Files.delete(path);
		assertThat(advanceAndGet(file)).extracting(SealingKey::id).containsExactly("one");
		assertThat(advanceAndGet(file)).extracting(SealingKey::id).containsExactly("one");
		write("jwks.json", set("two"));

		assertThat(advanceAndGet(file)).extracting(SealingKey::id).containsExactly("two");
		assertThat(output).containsOnlyOnce("stay in use. JWK Set of file [%s] cannot be read".formatted(path));
	}

	@Test
	void currentWhenLinkIsSwappedToFileOfSameTimeAndSizeReturnsNewKeys() throws IOException {
		Path old = Files.createDirectory(this.directory.resolve("..2026_1"));
		Path next = Files.createDirectory(this.directory.resolve("..2026_2"));
		Files.setLastModifiedTime(Files.writeString(old.resolve("jwks.json"), set("one")), FileTime.from(START));
		Files.setLastModifiedTime(Files.writeString(next.resolve("jwks.json"), set("two")), FileTime.from(START));
		Path data = Files.createSymbolicLink(this.directory.resolve("..data"), old.getFileName());
		Path link = Files.createSymbolicLink(this.directory.resolve("jwks.json"), Path.of("..data", "jwks.json"));
		WatchedKeys file = watch(link);

		Path temporary = Files.createSymbolicLink(this.directory.resolve("..data_tmp"), next.getFileName());
		Files.move(temporary, data, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);

		assertThat(advanceAndGet(file)).extracting(SealingKey::id).containsExactly("two");
	}

	@Test
	void currentWhenCheckIsDueReadsOnlyOnTheExecutor() throws IOException {
		Queue<Runnable> tasks = new ArrayDeque<>();
		WatchedKeys file = WatchedKeys.ofFile(new FileSystemResource(write("jwks.json", set("one"))), DELAY, this.clock,
				tasks::add);
		write("jwks.json", set("two"));
		this.clock.advance(Duration.ofSeconds(1));

		assertThat(file.current()).extracting(SealingKey::id).containsExactly("one");
		assertThat(file.current()).extracting(SealingKey::id).containsExactly("one");
		assertThat(tasks).hasSize(1);
		tasks.remove().run();

		assertThat(file.current()).extracting(SealingKey::id).containsExactly("two");
	}

	@Test
	void currentWhenExecutorIsClosedReturnsKnownKeys() throws IOException {
		WatchedKeys file = WatchedKeys.ofFile(new FileSystemResource(write("jwks.json", set("one"))), DELAY, this.clock,
				(task) -> {
					throw new RejectedExecutionException();
				});
		this.clock.advance(Duration.ofSeconds(1));

		assertThat(file.current()).extracting(SealingKey::id).containsExactly("one");
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
				.isThrownBy(() -> WatchedKeys.ofFile(location, DELAY, this.clock, Runnable::run))
				.withMessage("JWK Set of 'oauth-redis.encryption.jwk-set-location' cannot be read")
				.withNoCause();
		}
	}

	@Test
	void createWhenResourceIsNoFileReadsIt() {
		WatchedKeys file = WatchedKeys.ofFile(new ByteArrayResource(set("one").getBytes(StandardCharsets.UTF_8)) {

			@Override
			public long lastModified() {
				return 1;
			}

		}, DELAY, this.clock, Runnable::run);

		assertThat(advanceAndGet(file)).extracting(SealingKey::id).containsExactly("one");
	}

	private List<SealingKey> advanceAndGet(WatchedKeys file) {
		this.clock.advance(Duration.ofSeconds(1));
		return file.current();
	}

	private WatchedKeys watch(Path path) {
		return WatchedKeys.ofFile(new FileSystemResource(path), DELAY, this.clock, Runnable::run);
	}

	private WatchedKeys watch(Source source) {
		return WatchedKeys.ofSource(source, "bean 'source'", DELAY, this.clock, Runnable::run);
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

	/**
	 * Stands for a vault.
	 */
	private static final class Source implements JWKSource<SecurityContext> {

		final AtomicInteger questions = new AtomicInteger();

		private List<JWK> keys = List.of();

		@Nullable KeySourceException failure;

		Source(String... ids) {
			set(ids);
		}

		void set(String... ids) {
			this.keys = Arrays.stream(ids)
				.<JWK>map((id) -> new OctetSequenceKey.Builder(new byte[32]).keyID(id).build())
				.toList();
		}

		@Override
		public List<JWK> get(JWKSelector selector, @Nullable SecurityContext context) throws KeySourceException {
			this.questions.incrementAndGet();
			if (this.failure != null) {
				throw this.failure;
			}
			return selector.select(new JWKSet(this.keys));
		}

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
