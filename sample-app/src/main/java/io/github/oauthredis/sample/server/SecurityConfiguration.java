package io.github.oauthredis.sample.server;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.MediaType;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.authentication.LoginUrlAuthenticationEntryPoint;
import org.springframework.security.web.util.matcher.MediaTypeRequestMatcher;

import static org.springframework.security.config.Customizer.withDefaults;

/**
 * Who may do what: the endpoints of OAuth2 and OpenID Connect, those of the demo, and the
 * login form.
 *
 * @author OAuth Redis
 */
@Configuration(proxyBeanMethods = false)
class SecurityConfiguration {

	@Bean
	@Order(1)
	SecurityFilterChain protocolEndpoints(HttpSecurity http) {
		http.oauth2AuthorizationServer((server) -> {
			http.securityMatcher(server.getEndpointsMatcher());
			server.oidc(withDefaults());
		});
		http.authorizeHttpRequests((requests) -> requests.anyRequest().authenticated());
		http.exceptionHandling((exceptions) -> exceptions.defaultAuthenticationEntryPointFor(
				new LoginUrlAuthenticationEntryPoint("/login"), new MediaTypeRequestMatcher(MediaType.TEXT_HTML)));
		return http.build();
	}

	@Bean
	@Order(2)
	SecurityFilterChain demoEndpoints(HttpSecurity http, PlainPasswordEncoder encoder) {
		http.securityMatcher("/demo/**");
		http.userDetailsService(new InMemoryUserDetailsManager(
				User.withUsername("demo-page").password(encoder.encode("demo-page-secret")).roles("DEMO").build()));
		http.authorizeHttpRequests((requests) -> requests.anyRequest().hasRole("DEMO"));
		http.httpBasic(withDefaults());
		http.csrf(AbstractHttpConfigurer::disable);
		http.sessionManagement((sessions) -> sessions.sessionCreationPolicy(SessionCreationPolicy.STATELESS));
		return http.build();
	}

	@Bean
	@Order(3)
	SecurityFilterChain login(HttpSecurity http,
			@Value("http://localhost:${sample.instance-1.port}") String firstInstance) {
		http.authorizeHttpRequests((requests) -> requests.anyRequest().authenticated());
		http.formLogin((form) -> form.loginPage("/login").defaultSuccessUrl(firstInstance).permitAll());
		return http.build();
	}

	@Bean
	PlainPasswordEncoder passwordEncoder() {
		return new PlainPasswordEncoder();
	}

	@Bean
	FilterRegistrationBean<TokenRequestFilter> tokenRequestFilter(TokenRequestLog log) {
		FilterRegistrationBean<TokenRequestFilter> registration = new FilterRegistrationBean<>(
				new TokenRequestFilter(log));
		registration.addUrlPatterns("/oauth2/token");
		registration.setOrder(Ordered.HIGHEST_PRECEDENCE);
		return registration;
	}

}
