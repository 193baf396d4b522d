package io.github.oauthredis.testkit;

import org.jspecify.annotations.Nullable;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;

/**
 * Finds the Redis of this JVM on first use. Thread-safe.
 */
final class SharedRedis {

	private static final int PORT = 6379;

	private static @Nullable RedisServer instance; // guarded by this class

	private SharedRedis() {
	}

	static synchronized RedisServer get() {
		if (instance == null) {
			instance = RedisServer.at(find());
		}
		return instance;
	}

	private static String find() {
		String url = System.getProperty(RedisServer.URL_PROPERTY, System.getenv(RedisServer.URL_PROPERTY));
		if (url != null && !url.isBlank()) {
			return url.strip();
		}
		if (DockerClientFactory.instance().isDockerAvailable()) {
			return container();
		}
		return "127.0.0.1:" + RedisServer.start().port();
	}

	@SuppressWarnings("resource") // removed by Testcontainers when the JVM ends
	private static String container() {
		GenericContainer<?> container = new GenericContainer<>("redis:7-alpine").withExposedPorts(PORT);
		container.start();
		return container.getHost() + ":" + container.getMappedPort(PORT);
	}

}
