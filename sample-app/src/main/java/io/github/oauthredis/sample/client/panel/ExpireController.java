package io.github.oauthredis.sample.client.panel;

import java.security.Principal;

import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Lets the server cut a current token, which nobody tells the instances.
 *
 * @author OAuth Redis
 */
@RestController
class ExpireController {

	private final DemoServer server;

	ExpireController(DemoServer server) {
		this.server = server;
	}

	@PostMapping("/user/expire")
	void expireUserToken(Principal user) {
		this.server.expire("demo-web", user.getName());
	}

	@PostMapping("/service/expire")
	void expireServiceToken() {
		this.server.expire("demo-service", "demo-service");
	}

}
