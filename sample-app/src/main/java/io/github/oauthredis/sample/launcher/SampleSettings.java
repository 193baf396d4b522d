package io.github.oauthredis.sample.launcher;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.SimpleCommandLinePropertySource;
import org.springframework.core.env.StandardEnvironment;

/**
 * What may be configured from outside, by command line, system property or environment
 * variable: the four ports, where 0 takes a free one, and the user's own Redis.
 *
 * @param ports a port for each part
 * @param ownRedis whether the user configured a Redis
 * @param passedOn arguments for both instances
 * @author OAuth Redis
 */
record SampleSettings(Map<Part, Integer> ports, boolean ownRedis, List<String> passedOn) {

	private static final List<String> REDIS_LOCATION = List.of("spring.data.redis.url", "spring.data.redis.host",
			"spring.data.redis.port");

	private static final List<String> PASSED_ON = List.of("spring.data.redis.", "spring.ssl.", "oauth-redis.",
			"logging.", "sample.outage");

	SampleSettings {
		ports = Map.copyOf(ports);
		passedOn = List.copyOf(passedOn);
	}

	static SampleSettings from(String... args) {
		ConfigurableEnvironment environment = new StandardEnvironment();
		environment.getPropertySources().addFirst(new SimpleCommandLinePropertySource(args));
		Map<Part, Integer> ports = new EnumMap<>(Part.class);
		for (Part part : Part.values()) {
			int port = environment.getProperty(part.portProperty(), Integer.class, part.defaultPort());
			ports.put(part, (port != 0) ? port : Ports.anyFree());
		}
		boolean ownRedis = REDIS_LOCATION.stream().anyMatch(environment::containsProperty);
		return new SampleSettings(ports, ownRedis, passedOn(args));
	}

	private static List<String> passedOn(String... args) {
		List<String> properties = new ArrayList<>();
		System.getProperties()
			.stringPropertyNames()
			.stream()
			.sorted()
			.filter(SampleSettings::isPassedOn)
			.filter((name) -> Stream.of(args).noneMatch((arg) -> arg.startsWith("--" + name + "=")))
			.map((name) -> "--%s=%s".formatted(name, System.getProperty(name)))
			.forEach(properties::add);
		Stream.of(args).filter((arg) -> arg.startsWith("--") && isPassedOn(arg.substring(2))).forEach(properties::add);
		return properties;
	}

	private static boolean isPassedOn(String name) {
		return PASSED_ON.stream().anyMatch(name::startsWith);
	}

	int port(Part part) {
		return this.ports.getOrDefault(part, part.defaultPort());
	}

	/**
	 * Return the ports as arguments, for every part to know where the others are.
	 * @return one argument for each part
	 */
	List<String> portArguments() {
		return Stream.of(Part.values()).map((part) -> "--%s=%d".formatted(part.portProperty(), port(part))).toList();
	}

	void checkPorts() {
		for (Part part : Part.values()) {
			if (!Ports.isFree(port(part))) {
				throw new SampleStartException(
						"Port %d, needed for the %s, is in use. Stop the program that uses it, or choose another port with --%s=<port>."
							.formatted(port(part), part.id().replace('-', ' '), part.portProperty()));
			}
		}
	}

}
