package io.github.oauthredis.client;

import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.GrantedAuthority;

/**
 * Who may have a token of a registration, and with which scopes. Pure.
 *
 * @param allowedAuthorities a caller needs one of these; empty if nobody is excluded
 * @param scopesByAuthority scopes to be asked for on behalf of callers with an authority;
 * callers with none of these authorities are excluded; empty if the scopes of the
 * registration count
 * @param requiredScopes scopes without which a token is of no use
 * @author OAuth Redis
 * @since 0.1.0
 */
public record AccessPolicy(Set<String> allowedAuthorities, Map<String, Set<String>> scopesByAuthority,
		Set<String> requiredScopes) {

	/**
	 * Everybody may have any token.
	 */
	public static final AccessPolicy OPEN = new AccessPolicy(Set.of(), Map.of(), Set.of());

	public AccessPolicy {
		allowedAuthorities = Set.copyOf(allowedAuthorities);
		scopesByAuthority = scopesByAuthority.entrySet()
			.stream()
			.collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, (entry) -> Set.copyOf(entry.getValue())));
		requiredScopes = Set.copyOf(requiredScopes);
	}

	/**
	 * Whether the authorities of a caller matter, so that no caller may be answered
	 * without a look at them.
	 * @return {@code true} if so
	 */
	boolean asksForAuthorities() {
		return !this.allowedAuthorities.isEmpty() || !this.scopesByAuthority.isEmpty();
	}

	/**
	 * Which rule denies a caller any token.
	 * @param principal the caller; without authorities unless it is authenticated
	 * @return name of the setting, or null if the caller may have one
	 */
	@Nullable String denial(Authentication principal) {
		if (!allows(this.allowedAuthorities, principal)) {
			return "allowed-authorities";
		}
		return !allows(this.scopesByAuthority.keySet(), principal) ? "scopes-by-authority" : null;
	}

	private static boolean allows(Set<String> any, Authentication principal) {
		return any.isEmpty() || authorities(principal).stream().anyMatch(any::contains);
	}

	/**
	 * Scopes to be asked for on behalf of a caller.
	 * @param principal the caller
	 * @return those of all its authorities; empty if authorities do not decide
	 */
	Set<String> scopes(Authentication principal) {
		return authorities(principal).stream()
			.flatMap((authority) -> this.scopesByAuthority.getOrDefault(authority, Set.of()).stream())
			.collect(Collectors.toCollection(TreeSet::new));
	}

	private static Collection<String> authorities(Authentication principal) {
		return principal.isAuthenticated() ? principal.getAuthorities()
			.stream()
			.map(GrantedAuthority::getAuthority)
			.filter(Objects::nonNull)
			.toList() : Set.of();
	}

}
