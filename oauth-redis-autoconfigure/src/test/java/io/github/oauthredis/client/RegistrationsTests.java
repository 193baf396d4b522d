package io.github.oauthredis.client;

import org.junit.jupiter.api.Test;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.client.registration.InMemoryClientRegistrationRepository;
import org.springframework.security.oauth2.client.registration.InMemoryReactiveClientRegistrationRepository;
import org.springframework.security.oauth2.client.registration.ReactiveClientRegistrationRepository;
import reactor.core.publisher.Mono;

import static org.assertj.core.api.Assertions.assertThat;

class RegistrationsTests {

	private final ClientRegistration registration = TestClients.grant("https://provider.example/token").build();

	@Test
	void findWhenBlockingFinds() {
		Registrations registrations = Registrations.of(new InMemoryClientRegistrationRepository(this.registration));

		assertThat(registrations.find(TestClients.GRANT_ID)).isCompletedWithValue(this.registration);
		assertThat(registrations.find("unknown")).isCompletedWithValue(null);
	}

	@Test
	void findWhenReactiveFinds() {
		Registrations registrations = Registrations
			.of(new InMemoryReactiveClientRegistrationRepository(this.registration));

		assertThat(registrations.find(TestClients.GRANT_ID)).isCompletedWithValue(this.registration);
		assertThat(registrations.find("unknown")).isCompletedWithValue(null);
	}

	@Test
	void knownWhenInMemoryIsTheRegistration() {
		Registrations blocking = Registrations.of(new InMemoryClientRegistrationRepository(this.registration));
		Registrations reactive = Registrations.of(new InMemoryReactiveClientRegistrationRepository(this.registration));

		assertThat(blocking.known(TestClients.GRANT_ID)).isSameAs(this.registration);
		assertThat(reactive.known(TestClients.GRANT_ID)).isSameAs(this.registration);
		assertThat(blocking.known("unknown")).isNull();
		assertThat(reactive.known("unknown")).isNull();
	}

	@Test
	void knownWhenRepositoryMayAskSomebodyIsNull() {
		ClientRegistrationRepository blocking = (id) -> this.registration;
		ReactiveClientRegistrationRepository reactive = (id) -> Mono.just(this.registration);

		assertThat(Registrations.of(blocking).known(TestClients.GRANT_ID)).isNull();
		assertThat(Registrations.of(reactive).known(TestClients.GRANT_ID)).isNull();
	}

	@Test
	void findWhenRepositoryFailsFails() {
		ClientRegistrationRepository blocking = (id) -> {
			throw new IllegalStateException("down");
		};
		ReactiveClientRegistrationRepository throwing = (id) -> {
			throw new IllegalStateException("down");
		};
		ReactiveClientRegistrationRepository failing = (id) -> Mono.error(new IllegalStateException("down"));

		assertThat(Registrations.of(blocking).find("x")).isCompletedExceptionally();
		assertThat(Registrations.of(throwing).find("x")).isCompletedExceptionally();
		assertThat(Registrations.of(failing).find("x")).isCompletedExceptionally();
	}

}
