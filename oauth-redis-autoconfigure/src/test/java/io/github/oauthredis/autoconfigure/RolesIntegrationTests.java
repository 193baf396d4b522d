package io.github.oauthredis.autoconfigure;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.http.HttpStatusCode;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.ReactiveSecurityContextHolder;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.oauth2.client.web.ClientAttributes;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;

import io.github.oauthredis.testkit.Await;
import io.github.oauthredis.testkit.FakeAuthorizationServer;
import io.github.oauthredis.testkit.FakeResourceServer;
import io.github.oauthredis.testkit.RecordedRequest;
import io.github.oauthredis.testkit.RedisServer;
import io.github.oauthredis.token.Digests;
import io.github.oauthredis.token.TokenUnavailableException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests who gets which token in whole applications, through both doors, with what is
 * configured and with whoever is logged in.
 */
@ExtendWith(OutputCaptureExtension.class)
class RolesIntegrationTests {

	private static final Authentication CLERK = new TestingAuthenticationToken("alice", "", "ROLE_CLERK");

	private static final Authentication CHIEF = new TestingAuthenticationToken("bob", "", "ROLE_CHIEF");

	private static final Authentication VISITOR = new TestingAuthenticationToken("mallory", "", "ROLE_VISITOR");

	private final RedisServer redis = RedisServer.shared();

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start();

	private final FakeResourceServer api = FakeResourceServer.start().activeTokens(this.server::isActive);

	private final List<ConfigurableApplicationContext> applications = new ArrayList<>();

	@AfterEach
	void close() {
		SecurityContextHolder.clearContext();
		this.applications.forEach(ConfigurableApplicationContext::close);
		this.api.close();
		this.server.close();
	}

	@ParameterizedTest
	@EnumSource
	void roleWithoutTheAuthorityGetsNoTokenAndTheAuditSaysSo(WebApplicationType type, CapturedOutput output) {
		ConfigurableApplicationContext application = start(type,
				"oauth-redis.clients.one.allowed-authorities=ROLE_CLERK,ROLE_CHIEF");
		RestClient restClient = application.getBean(RestClient.Builder.class).build();
		WebClient webClient = application.getBean(WebClient.Builder.class).build();

		assertThat(get(restClient, CLERK)).isEqualTo(200);
		assertThat(get(webClient, CHIEF)).isEqualTo(200);
		assertDenied(() -> get(restClient, VISITOR));
		assertDenied(() -> get(webClient, VISITOR));
		assertDenied(() -> get(restClient, null));

		assertThat(this.api.requests()).hasSize(2);
		assertThat(this.server.tokenRequests()).isEqualTo(1);
		Await.until("a line of the audit", Duration.ofSeconds(20),
				() -> output.getAll().contains("event=DENIED registration=one"));
		assertThat(output.getAll())
			.containsPattern("event=DENIED registration=one key=\\S{43} principal=" + Digests.sha256("mallory")
					+ " generation=0 cause=allowed-authorities")
			.doesNotContain("mallory");
	}

	@ParameterizedTest
	@EnumSource
	void eachRoleGetsTheTokenOfItsScopes(WebApplicationType type) {
		ConfigurableApplicationContext application = start(type,
				"oauth-redis.clients.one.scopes-by-authority.ROLE_CLERK=read",
				"oauth-redis.clients.one.scopes-by-authority.ROLE_CHIEF=read,write");
		RestClient restClient = application.getBean(RestClient.Builder.class).build();
		WebClient webClient = application.getBean(WebClient.Builder.class).build();

		for (int call = 0; call < 2; call++) {
			get(restClient, CLERK);
			get(webClient, CLERK);
			get(restClient, CHIEF);
			get(webClient, CHIEF);
		}

		assertDenied(() -> get(restClient, VISITOR));
		assertThat(this.server.requests()).extracting((request) -> request.parameter("scope"))
			.containsExactly("read", "read write");
		List<String> sent = this.api.requests().stream().map(RecordedRequest::bearerToken).toList();
		assertThat(sent.get(0)).isEqualTo(sent.get(1)).isEqualTo(sent.get(4)).isEqualTo(sent.get(5));
		assertThat(sent.get(2)).isEqualTo(sent.get(3)).isEqualTo(sent.get(6)).isNotEqualTo(sent.get(0));
	}

	private static void assertDenied(Runnable call) {
		assertThatExceptionOfType(TokenUnavailableException.class).isThrownBy(call::run)
			.satisfies((ex) -> assertThat(ex.getError().getErrorCode()).isEqualTo("access_denied"));
	}

	private int get(RestClient client, Authentication principal) {
		SecurityContextHolder.getContext().setAuthentication(principal);
		return client.get()
			.uri(target())
			.attributes(ClientAttributes.clientRegistrationId("one"))
			.retrieve()
			.toBodilessEntity()
			.getStatusCode()
			.value();
	}

	private int get(WebClient client, Authentication principal) {
		SecurityContextHolder.clearContext();
		HttpStatusCode status = client.get()
			.uri(target())
			.attributes(ClientAttributes.clientRegistrationId("one"))
			.exchangeToMono((response) -> response.releaseBody().thenReturn(response.statusCode()))
			.contextWrite(ReactiveSecurityContextHolder.withAuthentication(principal))
			.block();
		return status.value();
	}

	private URI target() {
		return this.api.uri("/one");
	}

	private ConfigurableApplicationContext start(WebApplicationType type, String... settings) {
		List<String> arguments = new ArrayList<>();
		for (String setting : Applications.registrations(this.server.uri("").toString(), "one")) {
			arguments.add("--" + setting);
		}
		for (String setting : settings) {
			arguments.add("--" + setting);
		}
		arguments.add("--spring.data.redis.host=" + this.redis.host());
		arguments.add("--spring.data.redis.port=" + this.redis.port());
		arguments.add("--oauth-redis.key-prefix=roles-" + UUID.randomUUID());
		// A cold JVM on a busy machine takes seconds for what else takes milliseconds.
		arguments.add("--oauth-redis.redis-timeout=20s");
		arguments.add("--oauth-redis.refresh.call-timeout=20s");
		arguments.add("--oauth-redis.refresh.wait=60s");
		arguments.add("--logging.level.io.github.oauthredis.audit=info");
		arguments.add("--server.port=0");
		arguments.add("--spring.main.banner-mode=off");
		ConfigurableApplicationContext application = new SpringApplicationBuilder(Everything.class).web(type)
			.run(arguments.toArray(String[]::new));
		this.applications.add(application);
		return application;
	}

	@EnableAutoConfiguration
	static class Everything {

	}

}
