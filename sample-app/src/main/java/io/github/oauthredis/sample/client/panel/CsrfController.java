package io.github.oauthredis.sample.client.panel;

import org.springframework.security.web.csrf.CsrfToken;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Gives the page the token that its next POST has to carry.
 *
 * @author OAuth Redis
 */
@RestController
class CsrfController {

	@GetMapping("/csrf")
	CsrfToken csrf(CsrfToken token) {
		return token;
	}

}
