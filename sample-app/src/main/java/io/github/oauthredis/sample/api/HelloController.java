package io.github.oauthredis.sample.api;

import org.springframework.security.oauth2.server.resource.authentication.BearerTokenAuthentication;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

import io.github.oauthredis.sample.digest.TokenDigest;

/**
 * Answers who called, and with which token.
 *
 * @author OAuth Redis
 */
@RestController
class HelloController {

	@GetMapping("/user/hello")
	Hello user(BearerTokenAuthentication caller) {
		return Hello.to(caller, "user");
	}

	@GetMapping("/service/hello")
	Hello service(BearerTokenAuthentication caller) {
		return Hello.to(caller, "service");
	}

	record Hello(String message, String token) {

		static Hello to(BearerTokenAuthentication caller, String kind) {
			return new Hello("Hello, %s %s.".formatted(kind, caller.getName()),
					TokenDigest.of(caller.getToken().getTokenValue()));
		}

	}

}
