package io.github.oauthredis.sample.launcher;

import java.io.IOException;
import java.net.ServerSocket;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests of {@link SampleSettings}.
 *
 * @author OAuth Redis
 */
class SampleSettingsTests {

	@Test
	void fromWhenNothingIsConfiguredReturnsDefaults() {
		SampleSettings settings = SampleSettings.from();

		assertThat(settings.port(Part.AUTHORIZATION_SERVER)).isEqualTo(9000);
		assertThat(settings.port(Part.API)).isEqualTo(9090);
		assertThat(settings.port(Part.INSTANCE_1)).isEqualTo(8081);
		assertThat(settings.port(Part.INSTANCE_2)).isEqualTo(8082);
		assertThat(settings.ownRedis()).isFalse();
		assertThat(settings.passedOn()).isEmpty();
	}

	@Test
	void fromWhenPortIsZeroTakesFreeOne() {
		SampleSettings settings = SampleSettings.from("--sample.api.port=0");

		assertThat(settings.port(Part.API)).isPositive();
		assertThat(settings.portArguments()).contains("--sample.api.port=" + settings.port(Part.API));
	}

	@Test
	void fromWhenRedisIsConfiguredPassesItOn() {
		SampleSettings settings = SampleSettings.from("--spring.data.redis.host=redis.example", "--server.port=1");

		assertThat(settings.ownRedis()).isTrue();
		assertThat(settings.passedOn()).containsExactly("--spring.data.redis.host=redis.example");
	}

	@Test
	void checkPortsWhenPortIsTakenNamesPortAndProperty() throws IOException {
		try (ServerSocket taken = new ServerSocket(0)) {
			SampleSettings settings = SampleSettings.from("--sample.authorization-server.port=0",
					"--sample.api.port=" + taken.getLocalPort(), "--sample.instance-1.port=0",
					"--sample.instance-2.port=0");

			assertThatExceptionOfType(SampleStartException.class).isThrownBy(settings::checkPorts)
				.withMessageContaining("Port %d", taken.getLocalPort())
				.withMessageContaining("--sample.api.port");
		}
	}

}
