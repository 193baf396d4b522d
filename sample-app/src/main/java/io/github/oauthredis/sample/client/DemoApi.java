package io.github.oauthredis.sample.client;

import java.util.Objects;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.security.oauth2.client.web.client.RequestAttributeClientRegistrationIdResolver;
import org.springframework.stereotype.Component;
import org.springframework.web.client.RestClient;

/**
 * Calls the protected API. The starter adds the tokens to what Boot's builder builds.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
@Component
public class DemoApi {

	private final RestClient api;

	DemoApi(RestClient.Builder builder, @Value("http://localhost:${sample.api.port}") String api) {
		this.api = builder.baseUrl(api).build();
	}

	/**
	 * Call as the user who is logged in.
	 * @return the API's answer
	 */
	public Answer asUser() {
		Answer answer = this.api.get()
			.uri("/user/hello")
			.attributes(RequestAttributeClientRegistrationIdResolver.clientRegistrationId("demo-web"))
			.retrieve()
			.body(Answer.class);
		return Objects.requireNonNull(answer);
	}

	/**
	 * Call as this application; {@code application.yml} says which addresses that is for.
	 * @return the API's answer
	 */
	public Answer asService() {
		Answer answer = this.api.get().uri("/service/hello").retrieve().body(Answer.class);
		return Objects.requireNonNull(answer);
	}

	/**
	 * What the API answers.
	 *
	 * @param message a greeting
	 * @param token short digest of the token that the API received
	 */
	public record Answer(String message, String token) {

	}

}
