package io.github.oauthredis.client;

import org.junit.jupiter.api.Test;
import org.springframework.security.oauth2.core.OAuth2AccessToken.TokenType;
import org.springframework.security.oauth2.core.endpoint.OAuth2AccessTokenResponse;

import io.github.oauthredis.token.TokenKey;

import static org.assertj.core.api.Assertions.assertThat;

class RefreshedResponsesTests {

	private final RefreshedResponses responses = new RefreshedResponses(3);

	@Test
	void takeWhenTokenMatchesHandsOutOnce() {
		this.responses.want();
		OAuth2AccessTokenResponse response = response("a");
		this.responses.put(key("alice"), response);

		assertThat(this.responses.take(key("alice"), "older")).isNull();
		assertThat(this.responses.take(key("bob"), "a")).isNull();
		assertThat(this.responses.take(key("alice"), "a")).isSameAs(response);
		assertThat(this.responses.take(key("alice"), "a")).isNull();
	}

	@Test
	void putWhenFullKeepsTheNewestAndTheBound() {
		this.responses.want();
		for (int i = 0; i < 100; i++) {
			this.responses.put(key("user-" + i), response("token-" + i));
		}

		assertThat(this.responses.take(key("user-99"), "token-99")).isNotNull();
		assertThat(this.responses).hasToString("RefreshedResponses[size=2]");
	}

	@Test
	void putWhenNobodyTakesKeepsNothing() {
		this.responses.put(key("alice"), response("a"));

		assertThat(this.responses.take(key("alice"), "a")).isNull();
	}

	private static TokenKey key(String name) {
		return TokenKey.grant("github", "web", "https://provider.example/token", name);
	}

	private static OAuth2AccessTokenResponse response(String token) {
		return OAuth2AccessTokenResponse.withToken(token).tokenType(TokenType.BEARER).expiresIn(3600).build();
	}

}
