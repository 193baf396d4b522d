package io.github.oauthredis.autoconfigure;

import org.springframework.boot.autoconfigure.condition.AnyNestedCondition;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnNotWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.security.oauth2.client.autoconfigure.ConditionalOnOAuth2ClientRegistrationProperties;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.client.registration.ReactiveClientRegistrationRepository;

/**
 * There will be a repository of client registrations that suits the kind of application:
 * Spring Boot defines its own later, and the user may have defined one.
 */
class OnClientRegistrationsCondition extends AnyNestedCondition {

	OnClientRegistrationsCondition() {
		super(ConfigurationPhase.REGISTER_BEAN);
	}

	@ConditionalOnOAuth2ClientRegistrationProperties
	static final class Properties {

	}

	@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
	@ConditionalOnBean(ClientRegistrationRepository.class)
	static final class ServletRepository {

	}

	@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.REACTIVE)
	@ConditionalOnBean(ReactiveClientRegistrationRepository.class)
	static final class ReactiveRepository {

	}

	@ConditionalOnNotWebApplication
	@ConditionalOnBean(ClientRegistrationRepository.class)
	static final class BlockingRepository {

	}

	@ConditionalOnNotWebApplication
	@ConditionalOnBean(ReactiveClientRegistrationRepository.class)
	static final class NonBlockingRepository {

	}

}
