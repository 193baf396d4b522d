package io.github.oauthredis.autoconfigure;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * A start of an application that failed, with everything logged that can be.
 *
 * @param failure what the start threw
 */
record FailedStart(Throwable failure) {

	static FailedStart of(Class<?> application, String... properties) {
		return of(WebApplicationType.NONE, List.of(application), properties);
	}

	static FailedStart of(WebApplicationType type, List<Class<?>> sources, String... properties) {
		List<String> arguments = new ArrayList<>(List.of("--debug", "--logging.level.root=TRACE"));
		for (String property : properties) {
			arguments.add("--" + property);
		}
		SpringApplicationBuilder application = new SpringApplicationBuilder(sources.toArray(Class<?>[]::new)).web(type);
		Throwable failure = catchThrowable(() -> application.run(arguments.toArray(String[]::new)).close());
		assertThat(failure).as("the start must fail").isNotNull();
		return new FailedStart(failure);
	}

	void assertHides(String secret) {
		StringWriter trace = new StringWriter();
		this.failure.printStackTrace(new PrintWriter(trace));
		assertThat(trace.toString()).doesNotContain(secret);
	}

}
