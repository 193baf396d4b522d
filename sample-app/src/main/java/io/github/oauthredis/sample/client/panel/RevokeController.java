package io.github.oauthredis.sample.client.panel;

import java.security.Principal;

import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

import io.github.oauthredis.client.TokenRevocations;

/**
 * Revokes a token on all instances and at the server.
 *
 * @author OAuth Redis
 */
@RestController
class RevokeController {

	private final TokenRevocations revocations;

	RevokeController(TokenRevocations revocations) {
		this.revocations = revocations;
	}

	@PostMapping("/user/revoke")
	void revokeUserToken(Principal user) {
		this.revocations.revokeToken("demo-web", user.getName());
	}

	@PostMapping("/service/revoke")
	void revokeServiceToken() {
		// One token serves all callers, so whose name is given does not matter.
		this.revocations.revokeToken("demo-service", "demo-service");
	}

}
