package io.github.oauthredis.sample.client.stock;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.oauth2.client.web.DefaultOAuth2AuthorizationRequestResolver;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.authentication.LoginUrlAuthenticationEntryPoint;

/**
 * Lets the user who is logged in get a second grant, below {@code /stock}, which Spring
 * Security keeps in memory.
 *
 * @author OAuth Redis
 */
@Configuration(proxyBeanMethods = false)
class StockSecurityConfiguration {

	@Bean
	@Order(1)
	SecurityFilterChain stockSecurityFilterChain(HttpSecurity http, StockApi stock) {
		http.securityMatcher("/stock/**");
		http.authorizeHttpRequests((requests) -> requests.anyRequest().authenticated());
		http.exceptionHandling((exceptions) -> exceptions
			.authenticationEntryPoint(new LoginUrlAuthenticationEntryPoint("/oauth2/authorization/demo-web")));
		http.oauth2Client((client) -> client.clientRegistrationRepository(stock.registrations())
			.authorizedClientService(stock.clients())
			.authorizationCodeGrant((code) -> code.authorizationRequestResolver(
					new DefaultOAuth2AuthorizationRequestResolver(stock.registrations(), "/stock/authorization"))));
		return http.build();
	}

}
