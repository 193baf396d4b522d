package io.github.oauthredis.autoconfigure;

import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.NoneNestedConditions;

/**
 * The application is a reactive web application or none for the web.
 */
class NotServletCondition extends NoneNestedConditions {

	NotServletCondition() {
		super(ConfigurationPhase.REGISTER_BEAN);
	}

	@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
	static final class Servlet {

	}

}
