package io.github.oauthredis.autoconfigure;

import java.util.Map;

import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * Some registration has settings below {@code signals}.
 */
class OnSignalsCondition extends SpringBootCondition {

	@Override
	public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
		Map<String, String> clients = Binder.get(context.getEnvironment())
			.bind("oauth-redis.clients", Bindable.mapOf(String.class, String.class))
			.orElseGet(Map::of);
		boolean found = clients.keySet().stream().anyMatch((name) -> name.contains(".signals."));
		return new ConditionOutcome(found,
				ConditionMessage.forCondition("Signals").because(found ? "a registration has some" : "none is set"));
	}

}
