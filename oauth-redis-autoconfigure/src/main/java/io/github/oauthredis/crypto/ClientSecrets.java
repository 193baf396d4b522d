package io.github.oauthredis.crypto;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * What keys of a registration are derived from. Secrets are taken as they are: a prefix
 * such as {@code {noop}} has no meaning for clients. Blank ones count as absent.
 * Immutable; its string form shows no secret.
 *
 * @param clientId client id at the provider
 * @param current secret whose key seals where no explicit key is configured; null if the
 * client has none
 * @param others earlier and later secrets, whose keys only open records
 * @author OAuth Redis
 * @since 0.1.0
 */
public record ClientSecrets(String clientId, @Nullable String current, List<String> others) {

	public ClientSecrets {
		current = (current == null || current.isBlank()) ? null : current;
		others = others.stream().filter((secret) -> !secret.isBlank()).distinct().toList();
	}

	@Override
	public String toString() {
		return "ClientSecrets[clientId=%s, current=%s, others=%d]".formatted(this.clientId,
				(this.current != null) ? "present" : "absent", this.others.size());
	}

}
