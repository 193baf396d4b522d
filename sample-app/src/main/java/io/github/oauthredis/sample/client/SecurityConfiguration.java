package io.github.oauthredis.sample.client;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.oauth2.client.oidc.web.logout.OidcClientInitiatedLogoutSuccessHandler;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.web.SecurityFilterChain;

import static org.springframework.security.config.Customizer.withDefaults;

/**
 * Everybody may look; who calls the API as a user logs in at the authorization server.
 *
 * @author OAuth Redis
 */
@Configuration(proxyBeanMethods = false)
class SecurityConfiguration {

	@Bean
	SecurityFilterChain securityFilterChain(HttpSecurity http, ClientRegistrationRepository registrations) {
		OidcClientInitiatedLogoutSuccessHandler logout = new OidcClientInitiatedLogoutSuccessHandler(registrations);
		logout.setPostLogoutRedirectUri("{baseUrl}");
		http.authorizeHttpRequests((requests) -> requests
			.requestMatchers("/", "/index.html", "/page.css", "/page.js", "/favicon.svg", "/panel", "/csrf",
					"/service/**")
			.permitAll()
			.anyRequest()
			.authenticated());
		http.oauth2Login(withDefaults());
		http.logout((configurer) -> configurer.logoutSuccessHandler(logout));
		return http.build();
	}

}
