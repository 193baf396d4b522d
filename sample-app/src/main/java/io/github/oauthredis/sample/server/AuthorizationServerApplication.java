package io.github.oauthredis.sample.server;

import org.springframework.boot.autoconfigure.SpringBootApplication;

/**
 * The authorization server, configured in {@code authorization-server.yml}. It shares the
 * class path with the client application and switches off what belongs to that one.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
@SpringBootApplication(excludeName = { "org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration",
		"org.springframework.boot.data.redis.autoconfigure.DataRedisReactiveAutoConfiguration",
		"org.springframework.boot.data.redis.autoconfigure.DataRedisRepositoriesAutoConfiguration",
		"org.springframework.boot.security.oauth2.client.autoconfigure.OAuth2ClientAutoConfiguration",
		"org.springframework.boot.security.oauth2.client.autoconfigure.servlet.OAuth2ClientWebSecurityAutoConfiguration" })
public class AuthorizationServerApplication {

}
