package io.github.oauthredis.testkit;

import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link RedisBinary}.
 */
class RedisBinaryTests {

	@ParameterizedTest
	@CsvSource({ "Linux, amd64, linux-amd64", "Linux, aarch64, linux-arm64", "Linux, i386, linux-386",
			"Mac OS X, x86_64, darwin-amd64", "Mac OS X, aarch64, darwin-arm64", "FreeBSD, riscv64, freebsd-riscv64" })
	void platformNamesThePackagedBinary(String osName, String osArch, String platform) {
		assertThat(RedisBinary.platform(osName, osArch)).isEqualTo(platform);
	}

	@Test
	void inReturnsAProgramAndExtractsItOnce(@TempDir Path directory) throws Exception {
		Path first = RedisBinary.in(directory);
		long modified = Files.getLastModifiedTime(first).toMillis();

		Path second = RedisBinary.in(directory);

		assertThat(first).isExecutable().isEqualTo(second);
		assertThat(Files.getLastModifiedTime(second).toMillis()).isEqualTo(modified);
	}

}
