package io.github.oauthredis.autoconfigure;

import java.util.List;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * Explains settings that could not be bound without printing their values, as Spring
 * Boot's own analyzers do: a key in the wrong place is still a key. Comes before them.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
class OAuthRedisBindFailureAnalyzer extends AbstractFailureAnalyzer<BindException> {

	private static final ConfigurationPropertyName PREFIX = ConfigurationPropertyName.of("oauth-redis");

	private static final List<ConfigurationPropertyName> PUBLIC = List.of(PREFIX.append("enabled"),
			PREFIX.append("key-prefix"), PREFIX.append("redis-timeout"), PREFIX.append("grant-lifetime"),
			PREFIX.append("refresh"), PREFIX.append("encryption.enabled"), PREFIX.append("http"));

	@Override
	protected @Nullable FailureAnalysis analyze(Throwable rootFailure, BindException cause) {
		if (!PREFIX.equals(cause.getName()) && !PREFIX.isAncestorOf(cause.getName())) {
			return null;
		}
		UnboundConfigurationPropertiesException unbound = findCause(cause,
				UnboundConfigurationPropertiesException.class);
		if (unbound != null) {
			List<String> names = unbound.getUnboundProperties().stream().map(this::describe).toList();
			return analysis(names, "The position in its list does not follow that of another element.",
					"Number the elements of a list from [0] without gaps.", cause);
		}
		ConfigurationProperty property = cause.getProperty();
		ConfigurationPropertyName name = (property != null) ? property.getName() : cause.getName();
		if (PUBLIC.stream().anyMatch((shown) -> shown.equals(name) || shown.isAncestorOf(name))) {
			return null;
		}
		String type = cause.getTarget().getType().toString();
		return analysis(List.of((property != null) ? describe(property) : name.toString()),
				"The value, which is not shown because it may be a secret, cannot be turned into %s.".formatted(type),
				"Write the property as the settings table of OAuth Redis says.", cause);
	}

	private String describe(ConfigurationProperty property) {
		return "%s (origin: %s)".formatted(property.getName(), property.getOrigin());
	}

	private FailureAnalysis analysis(List<String> properties, String reason, String action, BindException cause) {
		StringBuilder description = new StringBuilder("OAuth Redis cannot start:%n".formatted());
		properties.forEach((property) -> description.append("%n    Property: %s".formatted(property)));
		description.append("%n    Reason: %s".formatted(reason));
		return new FailureAnalysis(description.toString(), action, cause);
	}

}
