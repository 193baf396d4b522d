package io.github.oauthredis.autoconfigure;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Explains an {@link InvalidOAuthRedisConfigurationException}.
 */
class InvalidOAuthRedisConfigurationFailureAnalyzer
		extends AbstractFailureAnalyzer<InvalidOAuthRedisConfigurationException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, InvalidOAuthRedisConfigurationException cause) {
		StringBuilder description = new StringBuilder("OAuth Redis cannot start:%n".formatted());
		description.append("%n    Property: %s".formatted(cause.getProperty()));
		if (cause.getValue() != null) {
			description.append("%n    Value: \"%s\"".formatted(cause.getValue()));
		}
		description.append("%n    Reason: %s".formatted(cause.getReason()));
		return new FailureAnalysis(description.toString(), cause.getAction(), cause);
	}

}
