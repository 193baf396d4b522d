package io.github.oauthredis.autoconfigure;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * A start of an application that failed.
 *
 * @param failure what the start threw
 */
record FailedStart(Throwable failure) {

	/**
	 * Has everything logged that can be.
	 */
	static final String AT_TRACE = "logging.level.root=TRACE";

	static FailedStart of(Class<?> application, String... properties) {
		return of(WebApplicationType.NONE, List.of(application), properties);
	}

	static FailedStart of(WebApplicationType type, List<Class<?>> sources, String... properties) {
		// The last value of a property counts: on the command line they would be joined.
		Map<String, String> settings = new LinkedHashMap<>();
		for (String property : properties) {
			int equals = property.indexOf('=');
			settings.put(property.substring(0, equals), property.substring(equals + 1));
		}
		String[] arguments = settings.entrySet().stream().map((setting) -> "--" + setting).toArray(String[]::new);
		SpringApplicationBuilder application = new SpringApplicationBuilder(sources.toArray(Class<?>[]::new)).web(type);
		Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
		Level level = root.getLevel();
		Throwable failure = catchThrowable(() -> application.run(arguments).close());
		root.setLevel(level);
		assertThat(failure).as("the start must fail").isNotNull();
		return new FailedStart(failure);
	}

	void assertHides(String secret) {
		StringWriter trace = new StringWriter();
		this.failure.printStackTrace(new PrintWriter(trace));
		assertThat(trace.toString()).doesNotContain(secret);
	}

}
