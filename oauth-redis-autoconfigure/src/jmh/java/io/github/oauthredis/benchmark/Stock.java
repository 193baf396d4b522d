package io.github.oauthredis.benchmark;

import java.time.Duration;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;
import org.springframework.security.oauth2.client.AuthorizedClientServiceOAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.JdbcOAuth2AuthorizedClientService;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientProviderBuilder;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientService;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;

/**
 * Spring Security's own parts, put together as its reference documentation does.
 */
final class Stock {

	private static final String SCHEMA = "org/springframework/security/oauth2/client/";

	private Stock() {
	}

	static OAuth2AuthorizedClientManager manager(ClientRegistrationRepository registrations,
			OAuth2AuthorizedClientService service) {
		return manager(registrations, service, Duration.ofSeconds(60));
	}

	/**
	 * Create a manager.
	 * @param clockSkew how long before its end a token is renewed
	 */
	static OAuth2AuthorizedClientManager manager(ClientRegistrationRepository registrations,
			OAuth2AuthorizedClientService service, Duration clockSkew) {
		AuthorizedClientServiceOAuth2AuthorizedClientManager manager = new AuthorizedClientServiceOAuth2AuthorizedClientManager(
				registrations, service);
		manager.setAuthorizedClientProvider(OAuth2AuthorizedClientProviderBuilder.builder()
			.refreshToken((refreshToken) -> refreshToken.clockSkew(clockSkew))
			.clientCredentials((clientCredentials) -> clientCredentials.clockSkew(clockSkew))
			.build());
		return manager;
	}

	static OAuth2AuthorizedClientService jdbc(DataSource dataSource, boolean postgres,
			ClientRegistrationRepository registrations) {
		String schema = SCHEMA + (postgres ? "oauth2-client-schema-postgres.sql" : "oauth2-client-schema.sql");
		new ResourceDatabasePopulator(new ClassPathResource(schema)).execute(dataSource);
		return new JdbcOAuth2AuthorizedClientService(new JdbcTemplate(dataSource), registrations);
	}

	static HikariDataSource pool(String url, String user) {
		HikariConfig config = new HikariConfig();
		config.setJdbcUrl(url);
		config.setUsername(user);
		config.setMaximumPoolSize(10);
		return new HikariDataSource(config);
	}

}
