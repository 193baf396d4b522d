package io.github.oauthredis.client;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import org.jspecify.annotations.Nullable;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.client.registration.InMemoryClientRegistrationRepository;
import org.springframework.security.oauth2.client.registration.InMemoryReactiveClientRegistrationRepository;
import org.springframework.security.oauth2.client.registration.ReactiveClientRegistrationRepository;

/**
 * Finds client registrations in whichever repository the application has. Thread-safe if
 * the repository is.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
@FunctionalInterface
public interface Registrations {

	/**
	 * Find a registration.
	 * @param registrationId its id
	 * @return the registration, or null if there is none; fails with what the repository
	 * throws
	 */
	CompletionStage<@Nullable ClientRegistration> find(String registrationId);

	/**
	 * Find a registration where this takes neither a future nor a call to anybody.
	 * @param registrationId its id
	 * @return the registration, or null if it has to be looked up with {@link #find}
	 */
	default @Nullable ClientRegistration known(String registrationId) {
		return null;
	}

	/**
	 * Look into a blocking repository, on the thread of the caller.
	 * @param repository the repository
	 * @return registrations whose stages are complete when returned
	 */
	static Registrations of(ClientRegistrationRepository repository) {
		return new Registrations() {

			@Override
			public CompletionStage<@Nullable ClientRegistration> find(String registrationId) {
				try {
					return CompletableFuture.completedFuture(repository.findByRegistrationId(registrationId));
				}
				catch (RuntimeException ex) {
					return CompletableFuture.failedFuture(ex);
				}
			}

			@Override
			public @Nullable ClientRegistration known(String registrationId) {
				return (repository instanceof InMemoryClientRegistrationRepository)
						? repository.findByRegistrationId(registrationId) : null;
			}

		};
	}

	/**
	 * Look into a reactive repository.
	 * @param repository the repository
	 * @return registrations
	 */
	static Registrations of(ReactiveClientRegistrationRepository repository) {
		Map<String, ClientRegistration> known = new HashMap<>();
		if (repository instanceof InMemoryReactiveClientRegistrationRepository memory) {
			memory.forEach((registration) -> known.put(registration.getRegistrationId(), registration));
		}
		return new Registrations() {

			@Override
			public CompletionStage<@Nullable ClientRegistration> find(String registrationId) {
				try {
					return repository.findByRegistrationId(registrationId).toFuture();
				}
				catch (RuntimeException ex) {
					return CompletableFuture.failedFuture(ex);
				}
			}

			@Override
			public @Nullable ClientRegistration known(String registrationId) {
				return known.get(registrationId);
			}

		};
	}

}
