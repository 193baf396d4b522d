package io.github.oauthredis.crypto;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.Resource;

/**
 * Keys of a JWK Set file that is read again when it changes. A file that cannot be read
 * any more or holds nonsense leaves the keys as they were and is warned about once.
 * Thread-safe; never blocks: asking for the keys looks at the file at most once a second,
 * through the executor, and returns what is known at that moment.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class JwkSetFile implements Supplier<List<SealingKey>> {

	/*
	 * 'keys' is written under 'lock' and read without it; 'version' and 'broken' belong
	 * to the lock. 'nextCheck' is claimed by compare-and-set, so one check is under way
	 * per second and no caller waits for it.
	 */

	private static final Log logger = LogFactory.getLog(JwkSetFile.class);

	private static final long CHECK_INTERVAL_MILLIS = 1000;

	private static final int MAX_BYTES = 1024 * 1024;

	private final Resource location;

	private final String place;

	private final Clock clock;

	private final Executor executor;

	private final ReentrantLock lock = new ReentrantLock();

	private final AtomicLong lastCheck;

	private volatile List<SealingKey> keys;

	private Version version;

	private boolean broken;

	/**
	 * Read the file for the first time.
	 * @param location where it is
	 * @param clock clock that spaces the checks
	 * @param executor runs the checks, which read a small file
	 * @throws SealingKeyException if it is no JWK Set of sealing keys
	 */
	public JwkSetFile(Resource location, Clock clock, Executor executor) {
		this.location = location;
		this.place = place(location);
		this.clock = clock;
		this.executor = executor;
		this.lastCheck = new AtomicLong(clock.millis());
		try {
			this.version = Version.of(location);
			this.keys = read();
		}
		catch (IOException ex) {
			// Without cause: a malformed location is shown nowhere.
			throw new SealingKeyException("JWK Set of %s cannot be read".formatted(this.place));
		}
	}

	@Override
	public List<SealingKey> get() {
		long now = this.clock.millis();
		long last = this.lastCheck.get();
		// The distance counts in both directions, or a clock set back would stop checks.
		if (Math.abs(now - last) >= CHECK_INTERVAL_MILLIS && this.lastCheck.compareAndSet(last, now)) {
			try {
				this.executor.execute(this::check);
			}
			catch (RejectedExecutionException ex) {
				logger.debug("Sealing keys were not checked for changes, as the executor is busy or closed");
			}
		}
		return this.keys;
	}

	private void check() {
		this.lock.lock();
		try {
			Version found = Version.of(this.location);
			// A broken file may be one whose writer had not finished: look at it again.
			if (this.broken || !found.equals(this.version)) {
				this.keys = read();
				this.version = found;
				report(false, "is valid; the keys in it are in use");
			}
		}
		catch (SealingKeyException ex) {
			report(true, "is malformed; the keys read before stay in use. " + ex.getMessage());
		}
		catch (IOException | RuntimeException ex) {
			report(true, "cannot be read; the keys read before stay in use");
		}
		finally {
			this.lock.unlock();
		}
	}

	private void report(boolean broken, String message) {
		if (broken != this.broken || !broken) {
			this.broken = broken;
			String report = "JWK Set of %s has changed and %s".formatted(this.place, message);
			if (broken) {
				logger.warn(report);
			}
			else {
				logger.info(report);
			}
		}
	}

	private List<SealingKey> read() throws IOException {
		try (InputStream input = this.location.getInputStream()) {
			byte[] content = input.readNBytes(MAX_BYTES + 1);
			if (content.length > MAX_BYTES) {
				throw new SealingKeyException("JWK Set of %s is larger than 1 MiB".formatted(this.place));
			}
			return JwkKeys.set(this.place, new String(content, StandardCharsets.UTF_8));
		}
	}

	/*
	 * Someone may have put the key itself where its location belongs.
	 */
	private static String place(Resource location) {
		String description = location.getDescription();
		String inner = description.substring(description.indexOf('[') + 1);
		inner = inner.endsWith("]") ? inner.substring(0, inner.length() - 1) : inner;
		boolean suspicious = inner.length() > 300 || JwkKeys.decode(inner) != null
				|| inner.chars().anyMatch((c) -> c == '{' || c == '"' || c == '@' || c == '?');
		return suspicious ? "'oauth-redis.encryption.jwk-set-location'" : description;
	}

	/**
	 * What changes when a file does. The real path changes when a link is swapped, as
	 * Kubernetes does with mounted secrets.
	 */
	private record Version(long modified, long length, @Nullable Path realPath) {

		static Version of(Resource location) throws IOException {
			if (!location.isFile()) {
				return new Version(location.lastModified(), location.contentLength(), null);
			}
			return new Version(location.lastModified(), location.contentLength(),
					location.getFile().toPath().toRealPath());
		}

	}

}
