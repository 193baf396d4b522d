package io.github.oauthredis.sample.launcher;

/**
 * A part of the sample that listens on a port of its own.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public enum Part {

	/** Issues the tokens. */
	AUTHORIZATION_SERVER("authorization-server", 9000),

	/** Accepts the tokens. */
	API("api", 9090),

	/** First instance of the client application. */
	INSTANCE_1("instance-1", 8081),

	/** Second instance of the client application. */
	INSTANCE_2("instance-2", 8082);

	private final String id;

	private final int defaultPort;

	Part(String id, int defaultPort) {
		this.id = id;
		this.defaultPort = defaultPort;
	}

	String id() {
		return this.id;
	}

	int defaultPort() {
		return this.defaultPort;
	}

	String portProperty() {
		return "sample.%s.port".formatted(this.id);
	}

}
