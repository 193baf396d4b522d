package io.github.oauthredis.sample.client;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/**
 * The client application, configured in {@code application.yml}.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
@SpringBootApplication
public class ClientApplication {

	public static void main(String[] args) {
		SpringApplication.run(ClientApplication.class, args);
	}

}
