package io.github.oauthredis.sample.launcher;

import java.net.URI;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.springframework.boot.Banner.Mode;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

import io.github.oauthredis.sample.api.ApiApplication;
import io.github.oauthredis.sample.server.AuthorizationServerApplication;

/**
 * The running sample. Close it to end all its parts; they also end with this JVM.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class Sample implements AutoCloseable {

	private final SampleSettings settings;

	private final Deque<AutoCloseable> running = new ArrayDeque<>();

	private String redis = "yours, as configured";

	private Sample(SampleSettings settings) {
		this.settings = settings;
	}

	/**
	 * Start everything and wait until both instances answer.
	 * @param args command line arguments
	 * @return the running sample
	 */
	public static Sample start(String... args) {
		Sample sample = new Sample(SampleSettings.from(args));
		try {
			sample.start();
			return sample;
		}
		catch (RuntimeException ex) {
			sample.close();
			throw ex;
		}
	}

	private void start() {
		this.settings.checkPorts();
		List<String> arguments = new ArrayList<>(this.settings.portArguments());
		arguments.addAll(this.settings.passedOn());
		Map<String, String> secrets = new HashMap<>();
		if (!this.settings.ownRedis()) {
			EmbeddedRedis redis = EmbeddedRedis.start();
			this.running.push(redis);
			RedisSwitch redisSwitch = RedisSwitch.open(redis::freeze, redis::resume);
			this.running.push(redisSwitch);
			secrets.put("SAMPLE_REDIS_SWITCH", redisSwitch.uri());
			this.redis = "embedded, 127.0.0.1:" + redis.port();
			arguments.addAll(redis.arguments());
		}
		startServer(AuthorizationServerApplication.class, Part.AUTHORIZATION_SERVER);
		startServer(ApiApplication.class, Part.API);
		List<ClientProcess> instances = new ArrayList<>();
		for (Part part : List.of(Part.INSTANCE_1, Part.INSTANCE_2)) {
			ClientProcess instance = ClientProcess.start(part, this.settings.port(part), arguments, secrets);
			this.running.push(instance);
			instances.add(instance);
		}
		instances.forEach(ClientProcess::awaitReady);
	}

	private void startServer(Class<?> application, Part part) {
		List<String> arguments = new ArrayList<>(this.settings.portArguments());
		arguments.add("--server.port=" + this.settings.port(part));
		arguments.add("--spring.config.name=" + part.id());
		ConfigurableApplicationContext context = new SpringApplicationBuilder(application).bannerMode(Mode.OFF)
			.logStartupInfo(false)
			.run(arguments.toArray(String[]::new));
		this.running.push(context);
	}

	/**
	 * Return where a part listens.
	 * @param part the part
	 * @return its address, without a path
	 */
	public URI uri(Part part) {
		return URI.create("http://localhost:" + this.settings.port(part));
	}

	/**
	 * Say what to open in the browser.
	 * @return some lines of text
	 */
	public String describe() {
		return """

				The OAuth Redis sample is running. Open both instances side by side and log in as alice / password:

				    Instance 1             %s
				    Instance 2             %s

				    Authorization server   %s
				    Protected API          %s
				    Redis                  %s

				Ctrl-C ends everything.
				""".formatted(uri(Part.INSTANCE_1), uri(Part.INSTANCE_2), uri(Part.AUTHORIZATION_SERVER), uri(Part.API),
				this.redis);
	}

	@Override
	public void close() {
		while (!this.running.isEmpty()) {
			try {
				this.running.pop().close();
			}
			catch (Exception ex) {
				System.err.println("A part of the sample did not end cleanly: " + ex);
			}
		}
	}

}
