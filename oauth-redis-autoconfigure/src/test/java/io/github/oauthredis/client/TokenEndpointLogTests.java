package io.github.oauthredis.client;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.springframework.security.oauth2.client.endpoint.OAuth2AuthorizationCodeGrantRequest;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.core.OAuth2AuthorizationException;
import org.springframework.security.oauth2.core.endpoint.OAuth2AccessTokenResponse;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationExchange;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationRequest;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationResponse;
import org.springframework.web.util.UriComponentsBuilder;

import io.github.oauthredis.testkit.FakeAuthorizationServer;
import io.github.oauthredis.token.Marks;
import io.github.oauthredis.token.Tokens;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Hazard 26 for token requests: with every logger at TRACE, neither tokens nor codes nor
 * secrets are written. Spring's HTTP client logs the form it sends by its string form.
 */
class TokenEndpointLogTests {

	private static final String CANARY = "canary";

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start().tokenPrefix(CANARY);

	private final ClientRegistration grant = TestClients.grant(this.server.tokenUri())
		.clientSecret(CANARY + "-secret")
		.clientAuthenticationMethod(ClientAuthenticationMethod.CLIENT_SECRET_POST)
		.redirectUri("http://localhost/callback")
		.build();

	private final TokenEndpoint endpoint = new TokenEndpoint((id) -> TestClients.settings(), Duration.ofSeconds(2),
			null, Clock.systemUTC());

	private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);

	private final Level level = this.root.getLevel();

	private final ListAppender<ILoggingEvent> appender = new ListAppender<>();

	@BeforeEach
	void listen() {
		this.appender.start();
		this.root.addAppender(this.appender);
		this.root.setLevel(Level.TRACE);
	}

	@AfterEach
	void close() {
		this.root.setLevel(this.level);
		this.root.detachAppender(this.appender);
		this.server.close();
	}

	@Test
	void refreshTokenWritesNoSecret() {
		String refreshToken = this.server.issueGrant().refreshToken();
		Instant now = Instant.now();
		Tokens tokens = new Tokens(CANARY, "Bearer", refreshToken, Set.of(), Set.of(), CANARY, now, null, now, null,
				null, null, false, Marks.NONE);

		new TokenSources(this.endpoint, UserTokenClients.NONE)
			.refreshToken(this.grant, Map.of("assertion", CANARY), (response) -> {
			})
			.request(tokens)
			.toCompletableFuture()
			.join();

		assertNothingLeaked();
	}

	@Test
	void authorizationCodeExchangesAndWritesNoSecret() throws Exception {
		OAuth2AccessTokenResponse response = this.endpoint.authorizationCode().getTokenResponse(login(code()));

		assertThat(this.server.isActive(response.getAccessToken().getTokenValue())).isTrue();
		assertThat(response.getRefreshToken()).isNotNull();
		assertNothingLeaked();
	}

	@Test
	void authorizationCodeWhenRefusedFailsAsSpringSecurityDoes() {
		assertThatExceptionOfType(OAuth2AuthorizationException.class)
			.isThrownBy(() -> this.endpoint.authorizationCode().getTokenResponse(login(CANARY + "-unknown")))
			.satisfies((ex) -> assertThat(ex.getError().getErrorCode()).isEqualTo("invalid_grant"))
			.withMessageNotContaining(CANARY);
	}

	@Test
	void authorizationCodeWhenAnswerIsUnreadableQuotesNothing() {
		this.server.faults()
			.answerNext(1, 200, Map.of("Content-Type", "application/json"), "{\"access_token\": \"" + CANARY);

		assertThatExceptionOfType(OAuth2AuthorizationException.class)
			.isThrownBy(() -> this.endpoint.authorizationCode().getTokenResponse(login("any")))
			.satisfies((ex) -> assertThat(ex.getError().getErrorCode()).isEqualTo("invalid_token_response"))
			.satisfies((ex) -> assertThat(ex.getError().toString()).doesNotContain(CANARY))
			.withMessageNotContaining(CANARY);
	}

	private void assertNothingLeaked() {
		assertThat(this.appender.list).isNotEmpty()
			.extracting(ILoggingEvent::getFormattedMessage)
			.noneMatch((message) -> message.contains(CANARY));
	}

	private String code() throws IOException, InterruptedException {
		URI authorize = UriComponentsBuilder.fromUri(this.server.uri("/authorize"))
			.queryParam("response_type", "code")
			.queryParam("client_id", "web")
			.queryParam("redirect_uri", "http://localhost/callback")
			.queryParam("state", "state")
			.build()
			.toUri();
		this.root.setLevel(this.level);
		String location = HttpClient.newHttpClient()
			.send(HttpRequest.newBuilder(authorize).build(), BodyHandlers.discarding())
			.headers()
			.firstValue("Location")
			.orElseThrow();
		String code = UriComponentsBuilder.fromUriString(location).build().getQueryParams().getFirst("code");
		this.appender.list.clear();
		this.root.setLevel(Level.TRACE);
		return code;
	}

	private OAuth2AuthorizationCodeGrantRequest login(String code) {
		OAuth2AuthorizationRequest request = OAuth2AuthorizationRequest.authorizationCode()
			.clientId("web")
			.authorizationUri(this.server.uri("/authorize").toString())
			.redirectUri("http://localhost/callback")
			.state("state")
			.build();
		OAuth2AuthorizationResponse response = OAuth2AuthorizationResponse.success(code)
			.redirectUri("http://localhost/callback")
			.state("state")
			.build();
		return new OAuth2AuthorizationCodeGrantRequest(this.grant, new OAuth2AuthorizationExchange(request, response));
	}

}
