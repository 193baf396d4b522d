package io.github.oauthredis.sample.client.panel;

import java.time.Duration;
import java.util.Objects;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;
import org.springframework.web.client.RestClient;

/**
 * The authorization server as the demo sees it.
 *
 * @author OAuth Redis
 */
@Component
class DemoServer {

	private final RestClient server;

	DemoServer(@Value("http://localhost:${sample.authorization-server.port}/demo") String server) {
		this.server = RestClient.builder()
			.baseUrl(server)
			.defaultHeaders((headers) -> headers.setBasicAuth("demo-page", "demo-page-secret"))
			.build();
	}

	ServerState state() {
		return Objects.requireNonNull(this.server.get().uri("/state").retrieve().body(ServerState.class));
	}

	void expire(String client, String principal, Duration remaining) {
		this.server.post()
			.uri("/expire?client={client}&principal={principal}&remaining={remaining}", client, principal, remaining)
			.retrieve()
			.toBodilessEntity();
	}

}
