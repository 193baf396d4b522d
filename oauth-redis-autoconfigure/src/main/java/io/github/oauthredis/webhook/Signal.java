package io.github.oauthredis.webhook;

import java.time.Instant;
import java.util.List;

import org.jspecify.annotations.Nullable;

import io.github.oauthredis.token.Subject;

/**
 * A message whose sender was verified: grants of these users are to be revoked.
 * Immutable.
 *
 * @param name what happened, such as {@code session-revoked}; shown to operators
 * @param id what the sender calls the message, the same for each delivery of it
 * @param keepUntil until when it could be delivered once more
 * @param subjects names of the users, each the name of one; none if nothing is to be done
 * @param answer body of the answer to the sender, as JSON; null for none
 * @author OAuth Redis
 * @since 0.1.0
 */
public record Signal(String name, String id, Instant keepUntil, List<Subject> subjects, @Nullable String answer) {

	public Signal {
		subjects = List.copyOf(subjects);
	}

}
