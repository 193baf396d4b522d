package io.github.oauthredis.sample.server;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * What the demo's page asks the server for. No authorization server offers this.
 *
 * @author OAuth Redis
 */
@RestController
@RequestMapping("/demo")
class DemoController {

	private final TokenRequestLog log;

	private final IssuedTokens issued;

	DemoController(TokenRequestLog log, IssuedTokens issued) {
		this.log = log;
		this.issued = issued;
	}

	@GetMapping("/state")
	State state() {
		return new State(this.log.recent(), this.log.totals(), this.issued.newestFirst());
	}

	@PostMapping("/expire")
	void expire(@RequestParam String client, @RequestParam String principal, @RequestParam Duration remaining) {
		this.issued.cut(client, principal, remaining);
	}

	record State(List<TokenRequest> requests, Map<String, Long> totals, List<IssuedToken> tokens) {

	}

}
