package io.github.oauthredis.autoconfigure;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.client.registration.ReactiveClientRegistrationRepository;
import org.springframework.security.oauth2.client.registration.SupplierClientRegistrationRepository;

import io.github.oauthredis.client.Registrations;

/**
 * The repository that the application has. It is not fetched before it is needed: it may
 * itself depend on an HTTP client that carries our tokens. Thread-safe.
 */
final class FoundRegistrations implements Registrations {

	private final LazyBean<Object> repository;

	private final LazyBean<Registrations> registrations;

	/**
	 * Create registrations.
	 * @param blocking blocking repository, if there is one
	 * @param reactive reactive repository, if there is one
	 * @param reactiveFirst which of them is used if there are both
	 */
	FoundRegistrations(ObjectProvider<ClientRegistrationRepository> blocking,
			ObjectProvider<ReactiveClientRegistrationRepository> reactive, boolean reactiveFirst) {
		Supplier<Object> first = () -> reactiveFirst ? reactive.getIfAvailable() : blocking.getIfAvailable();
		Supplier<Object> second = () -> reactiveFirst ? blocking.getObject() : reactive.getObject();
		this.repository = new LazyBean<>(() -> {
			Object repository = first.get();
			return (repository != null) ? repository : second.get();
		});
		this.registrations = new LazyBean<>(
				() -> (this.repository.get() instanceof ReactiveClientRegistrationRepository found)
						? Registrations.of(found)
						: Registrations.of((ClientRegistrationRepository) this.repository.get()));
	}

	@Override
	public CompletionStage<@Nullable ClientRegistration> find(String registrationId) {
		return this.registrations.get().find(registrationId);
	}

	@Override
	public @Nullable ClientRegistration known(String registrationId) {
		return this.registrations.get().known(registrationId);
	}

	/**
	 * All registrations. If the repository is lazy, this may ask a provider.
	 * @return the registrations, or null if the repository cannot list them
	 */
	@Nullable List<ClientRegistration> list() {
		Object repository = this.repository.get();
		if (!(repository instanceof Iterable<?> iterable)) {
			return null;
		}
		List<ClientRegistration> registrations = new ArrayList<>();
		for (Object element : iterable) {
			if (element instanceof ClientRegistration registration) {
				registrations.add(registration);
			}
		}
		return registrations;
	}

	/**
	 * Whether any look into the repository may ask a provider for its configuration.
	 * @return {@code true} if it must not be looked into at start-up
	 */
	boolean isLazy() {
		return this.repository.get() instanceof SupplierClientRegistrationRepository;
	}

}
