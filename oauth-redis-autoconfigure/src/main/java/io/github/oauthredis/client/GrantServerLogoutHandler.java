package io.github.oauthredis.client;

import org.springframework.security.core.Authentication;
import org.springframework.security.web.server.WebFilterExchange;
import org.springframework.security.web.server.authentication.logout.ServerLogoutHandler;
import reactor.core.publisher.Mono;

/**
 * Runs {@link GrantLogout} when somebody logs out of a reactive application. It is added
 * to every {@code ServerHttpSecurity}; an application that replaces all logout handlers
 * has to add it again. Thread-safe; never blocks.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class GrantServerLogoutHandler implements ServerLogoutHandler {

	private final GrantLogout logout;

	/**
	 * Create a handler.
	 * @param logout revokes the grants
	 */
	public GrantServerLogoutHandler(GrantLogout logout) {
		this.logout = logout;
	}

	@Override
	public Mono<Void> logout(WebFilterExchange exchange, Authentication authentication) {
		return StageMono.of(() -> this.logout.logout(authentication));
	}

}
