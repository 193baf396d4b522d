package io.github.oauthredis.client;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.client.OAuth2AuthorizeRequest;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.core.OAuth2AccessToken;
import org.springframework.security.oauth2.core.OAuth2AccessToken.TokenType;

import io.github.oauthredis.token.TokenKey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class TokenKeysTests {

	private static final String URI = "https://provider.example/token";

	private final ClientRegistration grant = TestClients.grant(URI).build();

	private final ClientRegistration service = TestClients.service(URI).build();

	private final ClientRegistration exchange = TestClients.exchange(URI).build();

	private final TokenKeys keys = new TokenKeys(null);

	@Test
	void ofWhenGrantNamesThePrincipal() {
		TokenKey key = this.keys.of(this.grant, request(this.grant, named("alice")), Map.of("audience", "x"));

		assertThat(key).isEqualTo(TokenKey.grant(TestClients.GRANT_ID, "web", URI, "alice"))
			.isEqualTo(this.keys.of(this.grant, "alice", Map.of()));
	}

	@Test
	void ofWhenClientCredentialsNamesNoPrincipal() {
		TokenKey alice = this.keys.of(this.service, request(this.service, named("alice")), Map.of());
		TokenKey bob = this.keys.of(this.service, request(this.service, named("bob")), Map.of());

		assertThat(alice).isEqualTo(bob).isEqualTo(this.keys.of(this.service, "carol", Map.of()));
		assertThat(alice.attributes()).doesNotContain("alice");
	}

	@Test
	void ofWhenAMillionCallersShareClientCredentialsIsOneKey() {
		TokenKey first = this.keys.of(this.service, "alice", Map.of());

		assertThat(IntStream.range(0, 1_000_000)
			.mapToObj((i) -> this.keys.of(this.service, "caller-" + i, Map.of()))
			.allMatch(first::equals)).isTrue();
	}

	/**
	 * Hazard 31: the same id with another client or token endpoint is another record.
	 */
	@Test
	void ofWhenAnyAttributeDiffersIsAnotherKey() {
		List<TokenKey> all = new ArrayList<>();
		all.add(this.keys.of(this.grant, "alice", Map.of()));
		all.add(this.keys.of(this.grant, "bob", Map.of()));
		all.add(this.keys.of(TestClients.grant(URI).clientId("other").build(), "alice", Map.of()));
		all.add(this.keys.of(TestClients.grant(URI + "2").build(), "alice", Map.of()));
		all.add(this.keys.of(TestClients.grant(URI).registrationId("gitlab").build(), "alice", Map.of()));
		all.add(this.keys.of(this.service, "alice", Map.of()));
		all.add(this.keys.of(this.service, "alice", Map.of("audience", "x")));
		all.add(this.keys.of(this.service, "alice", Map.of("audience", "y")));
		all.add(this.keys.of(TestClients.service(URI).scope("other").build(), "alice", Map.of()));
		all.add(this.keys.of(TestClients.service(URI).clientId("other").build(), "alice", Map.of()));
		all.add(this.keys.of(this.exchange, "alice", Map.of()));
		all.add(this.keys.of(this.exchange, "bob", Map.of()));
		all.add(this.keys.of(this.exchange, request(this.exchange, bearing("alice", "t1")), Map.of()));
		all.add(this.keys.of(this.exchange, request(this.exchange, bearing("alice", "t2")), Map.of()));

		assertThat(all).doesNotHaveDuplicates();
		assertThat(all.stream().map(TokenKey::digest)).doesNotHaveDuplicates();
	}

	@Test
	void ofWhenScopesArePermutedIsTheSameKey() {
		ClientRegistration one = TestClients.service(URI).scope("a", "b").build();
		ClientRegistration two = TestClients.service(URI).scope("b", "a").build();

		assertThat(this.keys.of(one, "x", Map.of())).isEqualTo(this.keys.of(two, "x", Map.of()));
	}

	@Test
	void ofWhenSubjectTokenIsCredentialsNamesItsDigestOnly() {
		OAuth2AccessToken token = new OAuth2AccessToken(TokenType.BEARER, "subject-token", Instant.now(), null);
		Authentication principal = new TestingAuthenticationToken("alice", token);

		TokenKey key = this.keys.of(this.exchange, request(this.exchange, principal), Map.of());

		assertThat(key).isNotEqualTo(this.keys.of(this.exchange, "alice", Map.of()));
		assertThat(key.attributes()).doesNotContain("subject-token");
	}

	@Test
	void ofWhenCustomizerAddsAttributesTheyCount() {
		TokenKeys customized = new TokenKeys(
				(registration, request) -> Map.of("tenant", String.valueOf(request.<Object>getAttribute("tenant"))));
		OAuth2AuthorizeRequest red = OAuth2AuthorizeRequest.withClientRegistrationId(TestClients.SERVICE_ID)
			.principal("x")
			.attribute("tenant", "red")
			.build();
		OAuth2AuthorizeRequest blue = OAuth2AuthorizeRequest.withClientRegistrationId(TestClients.SERVICE_ID)
			.principal("x")
			.attribute("tenant", "blue")
			.build();

		assertThat(customized.of(this.service, red, Map.of())).isNotEqualTo(customized.of(this.service, blue, Map.of()))
			.isNotEqualTo(this.keys.of(this.service, red, Map.of()));
		assertThat(customized.of(this.grant, red, Map.of())).isEqualTo(this.keys.of(this.grant, red, Map.of()));
	}

	@Test
	void parametersWhenAttributeNamesOneOverridesTheConstant() {
		Map<String, String> parameters = TokenKeys.parameters(Map.of("audience", "a", "resource", "r"),
				Map.of("oauth-redis.parameter.audience", "b", "other", "ignored", "oauth-redis.parameter.n", 5));

		assertThat(parameters).containsOnly(Map.entry("audience", "b"), Map.entry("resource", "r"),
				Map.entry("n", "5"));
	}

	@Test
	void parametersWhenProtocolParameterFails() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> TokenKeys.parameters(Map.of(), Map.of("oauth-redis.parameter.client_secret", "s3cret")))
			.withMessageContaining("client_secret")
			.withMessageNotContaining("s3cret");
	}

	private static Authentication named(String name) {
		return new TestingAuthenticationToken(name, "");
	}

	private static Authentication bearing(String name, String value) {
		OAuth2AccessToken token = new OAuth2AccessToken(TokenType.BEARER, value, Instant.now(), null);
		return new TestingAuthenticationToken(token, token) {

			@Override
			public String getName() {
				return name;
			}

		};
	}

	private static OAuth2AuthorizeRequest request(ClientRegistration registration, Authentication principal) {
		return OAuth2AuthorizeRequest.withClientRegistrationId(registration.getRegistrationId())
			.principal(principal)
			.build();
	}

}
