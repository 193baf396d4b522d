package io.github.oauthredis.client;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.core.oidc.OidcIdToken;
import org.springframework.security.oauth2.core.oidc.user.DefaultOidcUser;

import io.github.oauthredis.store.SignalStore;
import io.github.oauthredis.testkit.RedisServer;
import io.github.oauthredis.token.Subject;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link LoginSubjects} on a real Redis.
 */
class LoginSubjectsIntegrationTests {

	private static final ClientRegistration OIDC = TestClients.grant("https://provider.example/token")
		.registrationId("oidc")
		.issuerUri("https://provider.example")
		.build();

	private static final Subject SUB = new Subject("sub", "0815");

	private static final Subject SESSION = new Subject("sid", "session");

	private static final Subject EMAIL = new Subject("email", "alice@example.org");

	private final RedisServer redis = RedisServer.shared();

	private final ClientNode node = new ClientNode(this.redis.host(), this.redis.port(), UserTokenClients.NONE, null)
		.with(OIDC);

	@BeforeEach
	void flush() {
		this.redis.flushAll();
	}

	@AfterEach
	void close() {
		this.node.close();
	}

	@Test
	void saveWhenUserLoggedInRemembersAllNames() {
		save(oidc(true));

		assertThat(find(SUB)).isEqualTo("alice");
		assertThat(find(SESSION)).isEqualTo("alice");
		assertThat(find(EMAIL)).isEqualTo("alice");
	}

	@Test
	void saveWhenEmailIsNotVerifiedDoesNotTakeItForAName() {
		save(oidc(false));
		assertThat(find(SUB)).isEqualTo("alice");
		assertThat(find(EMAIL)).isNull();
		save(oidc(null));
		assertThat(find(EMAIL)).isNull();
	}

	@Test
	void saveWhenProviderDoesNotNameTheUserRemembersNothing() {
		save(new TestingAuthenticationToken("alice", ""));

		assertThat(this.redis.keys("*subject*")).isEmpty();
	}

	/**
	 * An account was connected by somebody who logged in at another provider, or at the
	 * same one as another client.
	 */
	@Test
	void saveWhenUserLoggedInElsewhereRemembersNothing() {
		save(oidc(true, "https://elsewhere.example", OIDC.getClientId()));
		save(oidc(true, "https://provider.example", "another-client"));

		assertThat(this.redis.keys("*subject*")).isEmpty();
	}

	@Test
	void rememberWhenIssuerIsConfiguredBelievesNoOther() {
		LoginSubjects subjects = new LoginSubjects(this.node.signals, (id) -> "https://configured.example");

		subjects.remember(OIDC, oidc(true)).toCompletableFuture().join();
		assertThat(find(SUB)).isNull();
		subjects.remember(OIDC, oidc(true, "https://configured.example", OIDC.getClientId()))
			.toCompletableFuture()
			.join();
		assertThat(find(SUB)).isEqualTo("alice");
	}

	@Test
	void rememberWhenItFailsDoesNotFailTheLogin() {
		LettuceConnectionFactory connections = this.redis.connectionFactory();
		SignalStore broken = new SignalStore(connections, "oauth-redis", Duration.ofSeconds(5),
				(registrationId) -> CompletableFuture.failedFuture(new IllegalStateException("no key")), Set.of("oidc"),
				Duration.ofDays(180), Clock.systemUTC());

		assertThat(new LoginSubjects(broken, (id) -> null).remember(OIDC, oidc(true)).toCompletableFuture())
			.succeedsWithin(Duration.ofSeconds(20));
		connections.destroy();
	}

	private String find(Subject subject) {
		return this.node.signals.find("oidc", subject).toCompletableFuture().join();
	}

	private void save(Authentication principal) {
		this.node.clients
			.save(TestClients.client(OIDC, "alice", "token-" + Instant.now(), Instant.now(), Duration.ofHours(1)),
					principal)
			.toCompletableFuture()
			.join();
	}

	private static Authentication oidc(Boolean emailVerified) {
		return oidc(emailVerified, "https://provider.example", OIDC.getClientId());
	}

	private static Authentication oidc(Boolean emailVerified, String issuer, String audience) {
		OidcIdToken.Builder idToken = OidcIdToken.withTokenValue("id-token")
			.issuer(issuer)
			.audience(List.of(audience))
			.subject(SUB.value())
			.claim("sid", SESSION.value())
			.claim("preferred_username", "alice")
			.claim("email", "Alice@example.org");
		if (emailVerified != null) {
			idToken.claim("email_verified", emailVerified);
		}
		return new TestingAuthenticationToken(new DefaultOidcUser(AuthorityUtils.createAuthorityList("OIDC_USER"),
				idToken.build(), "preferred_username"), "");
	}

}
