package io.github.oauthredis.webhook;

import java.util.concurrent.CompletionStage;

import org.jspecify.annotations.Nullable;

/**
 * Takes grants away. Thread-safe; never blocks.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
@FunctionalInterface
public interface GrantRevoker {

	/**
	 * Revoke the grant of one principal, if there is one.
	 * @param registrationId id of the client registration
	 * @param principalName name of the principal
	 * @param cause what the provider reported
	 * @return completes when no instance gets this grant from Redis any more
	 */
	CompletionStage<@Nullable Void> revoke(String registrationId, String principalName, String cause);

}
