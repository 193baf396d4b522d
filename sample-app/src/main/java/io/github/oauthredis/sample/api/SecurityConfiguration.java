package io.github.oauthredis.sample.api;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.web.SecurityFilterChain;

import static org.springframework.security.config.Customizer.withDefaults;

/**
 * Lets in users below {@code /user} and services below {@code /service}.
 *
 * @author OAuth Redis
 */
@Configuration(proxyBeanMethods = false)
class SecurityConfiguration {

	@Bean
	SecurityFilterChain securityFilterChain(HttpSecurity http) {
		http.authorizeHttpRequests((requests) -> requests.requestMatchers("/user/**")
			.hasAuthority("SCOPE_profile")
			.requestMatchers("/service/**")
			.hasAuthority("SCOPE_service")
			.anyRequest()
			.denyAll());
		http.oauth2ResourceServer((server) -> server.opaqueToken(withDefaults()));
		http.sessionManagement((sessions) -> sessions.sessionCreationPolicy(SessionCreationPolicy.STATELESS));
		return http.build();
	}

}
