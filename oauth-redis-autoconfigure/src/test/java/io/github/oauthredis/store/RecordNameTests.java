package io.github.oauthredis.store;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauthredis.token.TokenKey;

import static org.assertj.core.api.Assertions.assertThat;

class RecordNameTests {

	@ParameterizedTest
	@ValueSource(strings = { "github", "a~b", "{a}:token", "%41", "%u0041", "grün", "\uD83D\uDE00", "\uD800x", "a\nb",
			"", "-._", "\uDC00\uD83D" })
	void ofWhenNameIsOfARecordKnowsItsRegistration(String registrationId) {
		TokenKey key = TokenKey.grant(registrationId, "client", "https://provider/token", "alice");
		RedisKeys keys = new RedisKeys("app:x");

		RecordName name = RecordName.of(keys.token(key));

		assertThat(name).isNotNull();
		assertThat(name.registrationId()).isEqualTo(registrationId);
		assertThat(name).hasToString(key.toString());
		assertThat(name.keys()).isEqualTo(keys.all(key));
	}

	@ParameterizedTest
	@ValueSource(strings = { "oauth-redis:{nb}:token", "oauth-redis:{a~b}:token",
			"oauth-redis:{%~xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx}:token",
			"oauth-redis:{%61~xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx}:token",
			"oauth-redis:{%C3~xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx}:token",
			"oauth-redis:{a~xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx}:lease", "" })
	void ofWhenNameIsNoneOfOursIsNull(String name) {
		assertThat(RecordName.of(name)).isNull();
	}

}
