package io.github.oauthredis.refresh;

import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.Test;

import io.github.oauthredis.store.RedisKeys;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What must not be put back after Redis went back to an older record.
 *
 * @author OAuth Redis
 */
class RecentWritesIntegrationTests extends EngineFixture {

	private static final String NAME = new RedisKeys("oauth-redis").token(KEY);

	// In the same slot of a cluster.
	private static final String COPY = NAME + ":older";

	private final EngineInstance instance = instance();

	private void keepCopy() {
		this.redis.command("COPY", NAME, COPY, "REPLACE");
	}

	private void goBack() {
		this.redis.command("COPY", COPY, NAME, "REPLACE");
	}

	private void readWhateverIsThere() {
		CompletableFuture<?> unused = obtain(this.instance).handle((record, ex) -> ex);
		unused.join();
	}

	@Test
	void readWhenOwnWriteIsYetOlderKeepsWhatIsThere() {
		login(this.instance, HOUR);
		EngineInstance other = instance();
		login(other, HOUR);
		keepCopy();
		long generation = raw().generation();
		login(other, HOUR);
		readWhateverIsThere();

		goBack();
		readWhateverIsThere();

		assertThat(raw().generation()).isEqualTo(generation);
	}

	@Test
	void readWhenKeyOfTheOlderIsUnknownKeepsIt() {
		login(instance(new EngineInstance.Options().ring(EngineInstance.ring("other"))), HOUR);
		keepCopy();
		long generation = raw().generation();
		this.redis.command("DEL", NAME);
		login(this.instance, HOUR);

		goBack();
		readWhateverIsThere();

		assertThat(raw().generation()).isEqualTo(generation);
	}

	@Test
	void readWhenRecordWasGoneMeanwhileKeepsWhatIsThere() {
		login(this.instance, HOUR);
		keepCopy();
		long generation = raw().generation();
		login(this.instance, HOUR);
		this.redis.command("DEL", NAME);
		readWhateverIsThere();

		goBack();
		readWhateverIsThere();

		assertThat(raw().generation()).isEqualTo(generation);
	}

}
