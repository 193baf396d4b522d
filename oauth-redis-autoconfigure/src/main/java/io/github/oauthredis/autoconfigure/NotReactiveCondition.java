package io.github.oauthredis.autoconfigure;

import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.NoneNestedConditions;

/**
 * The application is a servlet application or none for the web.
 */
class NotReactiveCondition extends NoneNestedConditions {

	NotReactiveCondition() {
		super(ConfigurationPhase.REGISTER_BEAN);
	}

	@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.REACTIVE)
	static final class Reactive {

	}

}
