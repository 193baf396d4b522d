package io.github.oauthredis.http;

import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.springframework.security.authentication.AnonymousAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.core.context.ReactiveSecurityContextHolder;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.oauth2.client.web.client.RequestAttributePrincipalResolver;
import reactor.core.publisher.Mono;
import reactor.util.context.ContextView;

/**
 * Finds out in whose name a request is sent: request attribute, Reactor context,
 * {@code SecurityContextHolder}, else anonymous. Thread-safe.
 */
final class Principals {

	/** Set by {@link RequestAttributePrincipalResolver#principal}. */
	private static final String PRINCIPAL = RequestAttributePrincipalResolver.class.getName() + ".principal";

	/** Set by {@code authentication(..)} of Spring Security's servlet filter. */
	private static final String AUTHENTICATION = Authentication.class.getName();

	/** Where Spring Security hands the servlet thread's authentication to Reactor. */
	private static final String SERVLET_CONTEXT = "org.springframework.security.SECURITY_CONTEXT_ATTRIBUTES";

	private static final Authentication ANONYMOUS = new AnonymousAuthenticationToken("anonymous", "anonymousUser",
			AuthorityUtils.createAuthorityList("ROLE_ANONYMOUS"));

	private Principals() {
	}

	/**
	 * Find the principal of a blocking call; to be called on the caller's thread.
	 * @param attributes attributes of the HTTP request
	 * @return the principal, perhaps anonymous
	 */
	static Authentication current(Map<String, Object> attributes) {
		Authentication explicit = explicit(attributes);
		return (explicit != null) ? explicit : orAnonymous(fromThread());
	}

	/**
	 * Find the principal of a reactive call. Reads the thread at once, the Reactor
	 * context when subscribed.
	 * @param attributes attributes of the HTTP request
	 * @return the principal, perhaps anonymous; never empty
	 */
	static Mono<Authentication> reactive(Map<String, Object> attributes) {
		Authentication explicit = explicit(attributes);
		if (explicit != null) {
			return Mono.just(explicit);
		}
		Authentication fromThread = fromThread();
		return ReactiveSecurityContextHolder.getContext()
			.mapNotNull(SecurityContext::getAuthentication)
			.switchIfEmpty(Mono.deferContextual((context) -> Mono.justOrEmpty(fromServletContext(context))))
			.defaultIfEmpty(orAnonymous(fromThread));
	}

	private static @Nullable Authentication explicit(Map<String, Object> attributes) {
		Object explicit = attributes.get(PRINCIPAL);
		return (Authentication) ((explicit != null) ? explicit : attributes.get(AUTHENTICATION));
	}

	private static @Nullable Authentication fromThread() {
		return SecurityContextHolder.getContextHolderStrategy().getContext().getAuthentication();
	}

	private static @Nullable Authentication fromServletContext(ContextView context) {
		return (context.getOrDefault(SERVLET_CONTEXT, null) instanceof Map<?, ?> attributes)
				? (Authentication) attributes.get(Authentication.class) : null;
	}

	private static Authentication orAnonymous(@Nullable Authentication principal) {
		return (principal != null) ? principal : ANONYMOUS;
	}

}
