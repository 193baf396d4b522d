package io.github.oauthredis.client;

import java.time.Duration;
import java.time.Instant;
import java.util.Set;

import org.junit.jupiter.api.Test;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.core.OAuth2AccessToken;
import org.springframework.security.oauth2.core.OAuth2AccessToken.TokenType;
import org.springframework.security.oauth2.core.OAuth2RefreshToken;

import io.github.oauthredis.token.Tokens;

import static org.assertj.core.api.Assertions.assertThat;

class ClientMappingTests {

	private static final Instant NOW = Instant.parse("2026-07-28T12:00:00.123456789Z");

	private final ClientRegistration registration = TestClients.grant("https://provider.example/token").build();

	@Test
	void clientWhenMadeOfItsTokensIsTheSame() {
		OAuth2AuthorizedClient client = TestClients.client(this.registration, "alice", "a", NOW, Duration.ofHours(1));

		OAuth2AuthorizedClient again = roundTrip(client);

		assertSame(again, client);
	}

	@Test
	void clientWhenWithoutRefreshTokenAndExpiryIsTheSame() {
		OAuth2AuthorizedClient client = new OAuth2AuthorizedClient(this.registration, "alice",
				new OAuth2AccessToken(new TokenType("bot"), "a", NOW, null));

		OAuth2AuthorizedClient again = roundTrip(client);

		assertSame(again, client);
		assertThat(again.getAccessToken().getTokenType().getValue()).isEqualTo("bot");
	}

	@Test
	void clientWhenRefreshTokenHasNoIssueTimeIsTheSame() {
		OAuth2AuthorizedClient client = new OAuth2AuthorizedClient(this.registration, "alice",
				new OAuth2AccessToken(TokenType.DPOP, "a", NOW, NOW.plusSeconds(60), Set.of("read", "write")),
				new OAuth2RefreshToken("r", null));

		assertSame(roundTrip(client), client);
	}

	@Test
	void clientWhenIssueTimeIsMissingKeepsExpiry() {
		OAuth2AuthorizedClient client = new OAuth2AuthorizedClient(this.registration, "alice",
				new OAuth2AccessToken(TokenType.BEARER, "a", null, NOW.minusSeconds(60)));

		OAuth2AuthorizedClient again = roundTrip(client);

		assertThat(again.getAccessToken().getIssuedAt()).isNull();
		assertThat(again.getAccessToken().getExpiresAt()).isEqualTo(NOW.minusSeconds(60));
	}

	@Test
	void tokensWhenLifetimeIsPlaceholderLeavesItUnknownAndKeepsInstants() {
		OAuth2AuthorizedClient client = TestClients.client(this.registration, "alice", "a", NOW, Duration.ofSeconds(1));

		Tokens tokens = ClientMapping.tokens(client, "alice", NOW);

		assertThat(tokens.lifetime()).isNull();
		assertThat(tokens.issuedAt()).isEqualTo(NOW);
		assertThat(tokens.expiresAt()).isEqualTo(NOW.plusSeconds(1));
	}

	@Test
	void tokensTakeRequestedScopesFromRegistration() {
		OAuth2AuthorizedClient client = TestClients.client(this.registration, "alice", "a", NOW, Duration.ofHours(1));

		Tokens tokens = ClientMapping.tokens(client, "alice", NOW);

		assertThat(tokens.scopes()).containsExactly("read");
		assertThat(tokens.requestedScopes()).containsExactlyInAnyOrder("read", "write");
		assertThat(tokens.lifetime()).isEqualTo(Duration.ofHours(1));
		assertThat(tokens.principalName()).isEqualTo("alice");
	}

	private OAuth2AuthorizedClient roundTrip(OAuth2AuthorizedClient client) {
		return ClientMapping.client(this.registration, "alice", ClientMapping.tokens(client, "alice", NOW));
	}

	private static void assertSame(OAuth2AuthorizedClient actual, OAuth2AuthorizedClient expected) {
		assertThat(actual).usingRecursiveComparison().isEqualTo(expected);
	}

}
