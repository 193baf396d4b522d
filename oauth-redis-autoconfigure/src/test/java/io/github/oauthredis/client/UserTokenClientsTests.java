package io.github.oauthredis.client;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;

import org.junit.jupiter.api.Test;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.client.OAuth2AuthorizationContext;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.endpoint.AbstractOAuth2AuthorizationGrantRequest;
import org.springframework.security.oauth2.client.endpoint.JwtBearerGrantRequest;
import org.springframework.security.oauth2.client.endpoint.OAuth2RefreshTokenGrantRequest;
import org.springframework.security.oauth2.client.endpoint.TokenExchangeGrantRequest;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.OAuth2AccessToken;
import org.springframework.security.oauth2.core.OAuth2AccessToken.TokenType;
import org.springframework.security.oauth2.core.OAuth2AuthorizationException;
import org.springframework.security.oauth2.core.OAuth2Error;
import org.springframework.security.oauth2.core.endpoint.OAuth2AccessTokenResponse;
import org.springframework.security.oauth2.jwt.Jwt;
import reactor.core.publisher.Mono;

import io.github.oauthredis.refresh.TokenAnswer;
import io.github.oauthredis.refresh.TokenRequestException;
import io.github.oauthredis.refresh.TokenSource;
import io.github.oauthredis.store.Failure.Kind;
import io.github.oauthredis.token.Marks;
import io.github.oauthredis.token.Tokens;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/**
 * The application's own parts take the place of ours.
 */
class UserTokenClientsTests {

	private static final String URI = "https://provider.example/token";

	private final ClientRegistration grant = TestClients.grant(URI).build();

	private final ClientRegistration service = TestClients.service(URI).build();

	private final ClientRegistration exchange = TestClients.exchange(URI).build();

	private final Authentication alice = new TestingAuthenticationToken("alice", "");

	private final AtomicReference<AbstractOAuth2AuthorizationGrantRequest> asked = new AtomicReference<>();

	@Test
	void clientCredentialsWhenBlockingClientIsGivenAsksIt() {
		TokenSources sources = sources(new UserTokenClients((request) -> answered(request, "theirs"),
				(request) -> Mono.error(new AssertionError()), null, null, null, null, null, null, List.of(),
				List.of()));

		TokenAnswer answer = ask(sources.clientCredentials(this.service, Map.of("audience", "x")), null);

		assertThat(answer.accessToken()).isEqualTo("theirs");
		assertThat(answer.expiresIn()).isEqualTo(Duration.ofHours(1));
		assertThat(answer.requestedScopes()).containsExactly("invoices");
		assertThat(((ExtraParameters) this.asked.get()).getExtraParameters()).containsEntry("audience", "x");
	}

	@Test
	void clientCredentialsWhenReactiveClientIsGivenAsksIt() {
		TokenSources sources = sources(
				new UserTokenClients(null, (request) -> Mono.fromSupplier(() -> answered(request, "theirs")), null,
						null, null, null, null, null, List.of(), List.of()));

		assertThat(ask(sources.clientCredentials(this.service, Map.of()), null).accessToken()).isEqualTo("theirs");
	}

	@Test
	void refreshTokenWhenClientIsGivenAsksItWithoutScopes() {
		AtomicReference<OAuth2AccessTokenResponse> received = new AtomicReference<>();
		TokenSources sources = sources(new UserTokenClients(null, null, (request) -> answered(request, "theirs"), null,
				null, null, null, null, List.of(), List.of()));

		TokenAnswer answer = ask(sources.refreshToken(this.grant, Map.of(), received::set), tokens());

		OAuth2RefreshTokenGrantRequest request = (OAuth2RefreshTokenGrantRequest) this.asked.get();
		assertThat(request.getScopes()).isEmpty();
		assertThat(request.getRefreshToken().getTokenValue()).isEqualTo("refresh");
		assertThat(request.getAccessToken().getTokenValue()).isEqualTo("access");
		assertThat(answer.refreshToken()).isNull();
		assertThat(received.get().getAccessToken().getTokenValue()).isEqualTo("theirs");
	}

	@Test
	void refreshTokenWhenReactiveClientFailsClassifies() {
		TokenSources sources = sources(new UserTokenClients(null, null, null,
				(request) -> Mono.error(new OAuth2AuthorizationException(new OAuth2Error("invalid_grant"))), null, null,
				null, null, List.of(), List.of()));

		assertThat(fail(sources.refreshToken(this.grant, Map.of(), (response) -> {
		}), tokens()).getKind()).isEqualTo(Kind.FATAL);
	}

	@Test
	void refreshTokenWhenClientAnswersNothingIsAmbiguous() {
		TokenSources sources = sources(new UserTokenClients(null, null, null, (request) -> Mono.empty(), null, null,
				null, null, List.of(), List.of()));

		assertThat(fail(sources.refreshToken(this.grant, Map.of(), (response) -> {
		}), tokens()).getCode()).isEqualTo("malformed_answer");
	}

	@Test
	void providedAsksProvidersInOrderAndShowsThemNoClient() {
		AtomicReference<OAuth2AuthorizationContext> seen = new AtomicReference<>();
		TokenSources sources = sources(new UserTokenClients(null, null, null, null, null, null, null, null,
				List.of((context) -> null), List.of((context) -> Mono.empty(), (context) -> {
					seen.set(context);
					return Mono.just(client("exchanged"));
				}, (context) -> Mono.error(new AssertionError()))));

		TokenAnswer answer = ask(
				sources.provided(this.exchange, this.alice, Map.of("oauth-redis.parameter.audience", "x"), null),
				tokens());

		assertThat(answer.accessToken()).isEqualTo("exchanged");
		assertThat(answer.scopes()).containsExactly("granted");
		assertThat(seen.get().getAuthorizedClient()).isNull();
		assertThat(seen.get().getPrincipal()).isSameAs(this.alice);
		assertThat(seen.get().<String>getAttribute("oauth-redis.parameter.audience")).isEqualTo("x");
	}

	@Test
	void providedWhenNobodyAnswersIsClear() {
		TokenSources sources = sources(new UserTokenClients(null, null, null, null, null, null, null, null,
				List.of((context) -> null), List.of()));

		TokenRequestException failure = fail(sources.provided(this.exchange, this.alice, Map.of(), null), null);

		assertThat(failure.getKind()).isEqualTo(Kind.CLEAR);
		assertThat(failure.getCode()).isEqualTo("no_provider");
	}

	@Test
	void providedWhenNobodyAnswersAsksUs() {
		TokenSources sources = sources(new UserTokenClients(null, null, null, null,
				(request) -> answered(request, "ours"), null, null, null, List.of((context) -> null), List.of()));
		OAuth2AccessToken subject = client("subject").getAccessToken();
		TokenSource ours = sources.onBehalf(this.exchange, Map.of("audience", "x"), new Delegation(subject, subject));

		assertThat(ask(sources.provided(this.exchange, this.alice, Map.of(), ours), null).accessToken())
			.isEqualTo("ours");
		TokenExchangeGrantRequest request = (TokenExchangeGrantRequest) this.asked.get();
		assertThat(request.getSubjectToken()).isSameAs(subject);
		assertThat(request.getActorToken()).isSameAs(subject);
		assertThat(((ExtraParameters) request).getExtraParameters()).containsEntry("audience", "x");
	}

	@Test
	void providedWhenSomebodyAnswersDoesNotAskUs() {
		TokenSources sources = sources(new UserTokenClients(null, null, null, null, null, null, null, null,
				List.of((context) -> client("theirs")), List.of()));

		assertThat(ask(sources.provided(this.exchange, this.alice, Map.of(), (current) -> {
			throw new AssertionError();
		}), null).accessToken()).isEqualTo("theirs");
	}

	@Test
	void onBehalfWhenReactiveClientsAreGivenAsksThem() {
		TokenSources sources = sources(new UserTokenClients(null, null, null, null, null,
				(request) -> Mono.fromSupplier(() -> answered(request, "exchanged")), null,
				(request) -> Mono.fromSupplier(() -> answered(request, "asserted")), List.of(), List.of()));
		ClientRegistration jwtBearer = TestClients.exchange(URI)
			.authorizationGrantType(AuthorizationGrantType.JWT_BEARER)
			.build();
		Jwt jwt = new Jwt("jwt", null, null, Map.of("alg", "none"), Map.of("sub", "alice"));
		Delegation delegation = new Delegation(jwt, null);

		TokenAnswer exchanged = ask(sources.onBehalf(this.exchange, Map.of(), delegation), null);
		assertThat(exchanged.accessToken()).isEqualTo("exchanged");
		assertThat(exchanged.refreshToken()).isNull();
		assertThat(ask(sources.onBehalf(jwtBearer, Map.of(), delegation), null).accessToken()).isEqualTo("asserted");
		assertThat(((JwtBearerGrantRequest) this.asked.get()).getJwt()).isSameAs(jwt);
		assertThat(sources.onBehalf(this.service, Map.of(), delegation)).isNull();
	}

	@Test
	void providedWhenGrantIsRefusedIsClear() {
		TokenSources sources = sources(
				new UserTokenClients(null, null, null, null, null, null, null, null, List.of((context) -> {
					throw new OAuth2AuthorizationException(new OAuth2Error("invalid_grant"));
				}), List.of()));

		assertThat(fail(sources.provided(this.exchange, this.alice, Map.of(), null), null).getKind())
			.isEqualTo(Kind.CLEAR);
	}

	private OAuth2AccessTokenResponse answered(AbstractOAuth2AuthorizationGrantRequest request, String token) {
		this.asked.set(request);
		return OAuth2AccessTokenResponse.withToken(token)
			.tokenType(TokenType.BEARER)
			.expiresIn(3600)
			.refreshToken("refresh")
			.build();
	}

	private OAuth2AuthorizedClient client(String token) {
		Instant now = Instant.now();
		return new OAuth2AuthorizedClient(this.exchange, "alice",
				new OAuth2AccessToken(TokenType.BEARER, token, now, now.plusSeconds(60), Set.of("granted")));
	}

	private static TokenSources sources(UserTokenClients userClients) {
		return new TokenSources(
				new TokenEndpoint((id) -> TestClients.settings(), Duration.ofSeconds(2), null, Clock.systemUTC()),
				userClients);
	}

	private static TokenAnswer ask(TokenSource source, Tokens current) {
		return source.request(current).toCompletableFuture().join();
	}

	private static TokenRequestException fail(TokenSource source, Tokens current) {
		CompletionException failure = catchThrowableOfType(CompletionException.class, () -> ask(source, current));
		return (TokenRequestException) failure.getCause();
	}

	private static Tokens tokens() {
		Instant now = Instant.now();
		return new Tokens("access", "Bearer", "refresh", Set.of("read"), Set.of("read"), "alice", now,
				now.plusSeconds(60), now, Duration.ofMinutes(1), null, null, false, Marks.NONE);
	}

}
