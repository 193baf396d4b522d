package io.github.oauthredis.crypto;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.springframework.core.io.Resource;

/**
 * Keys of a JWK Set file.
 */
final class JwkSetFile implements KeyReader {

	private static final int MAX_BYTES = 1024 * 1024;

	private final Resource location;

	private final String place;

	// Null if the file could not be read: it may be one whose writer had not finished.
	private @Nullable Version version;

	JwkSetFile(Resource location) {
		this.location = location;
		this.place = place(location);
	}

	@Override
	public @Nullable List<SealingKey> read() {
		Version before = this.version;
		this.version = null;
		try {
			Version found = Version.of(this.location);
			List<SealingKey> keys = found.equals(before) ? null : parse();
			this.version = found;
			return keys;
		}
		catch (IOException ex) {
			// Without cause: a malformed location is shown nowhere.
			throw new SealingKeyException("JWK Set of %s cannot be read".formatted(this.place));
		}
	}

	private List<SealingKey> parse() throws IOException {
		try (InputStream input = this.location.getInputStream()) {
			byte[] content = input.readNBytes(MAX_BYTES + 1);
			if (content.length > MAX_BYTES) {
				throw new SealingKeyException("JWK Set of %s is larger than 1 MiB".formatted(this.place));
			}
			return JwkKeys.set(this.place, new String(content, StandardCharsets.UTF_8));
		}
	}

	@Override
	public String place() {
		return this.place;
	}

	@Override
	public Duration interval() {
		return Duration.ofSeconds(1);
	}

	@Override
	public Duration pause() {
		return interval();
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
