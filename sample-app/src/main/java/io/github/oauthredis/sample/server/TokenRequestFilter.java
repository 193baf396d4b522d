package io.github.oauthredis.sample.server;

import java.io.IOException;
import java.time.Instant;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.web.authentication.www.BasicAuthenticationConverter;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Logs each request to the token endpoint, refused ones included.
 *
 * @author OAuth Redis
 */
class TokenRequestFilter extends OncePerRequestFilter {

	private static final String UNKNOWN = "unknown";

	private final BasicAuthenticationConverter basicAuthentication = new BasicAuthenticationConverter();

	private final TokenRequestLog log;

	TokenRequestFilter(TokenRequestLog log) {
		this.log = log;
	}

	@Override
	protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
			throws ServletException, IOException {
		Instant received = this.log.now();
		try {
			chain.doFilter(request, response);
		}
		finally {
			String grantType = request.getParameter("grant_type");
			this.log.add(received, client(request), (grantType != null) ? grantType : UNKNOWN, response.getStatus());
		}
	}

	private String client(HttpServletRequest request) {
		try {
			UsernamePasswordAuthenticationToken credentials = this.basicAuthentication.convert(request);
			return (credentials != null) ? credentials.getName() : UNKNOWN;
		}
		catch (AuthenticationException ex) {
			return UNKNOWN;
		}
	}

}
