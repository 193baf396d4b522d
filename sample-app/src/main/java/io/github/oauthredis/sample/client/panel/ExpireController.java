package io.github.oauthredis.sample.client.panel;

import java.security.Principal;
import java.time.Clock;
import java.time.Duration;

import org.springframework.security.core.Authentication;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

import io.github.oauthredis.sample.client.stock.StockApi;

/**
 * Lets the server cut a current token, which nobody tells the instances.
 *
 * @author OAuth Redis
 */
@RestController
class ExpireController {

	private static final Duration CUT_TO = Duration.ofSeconds(2);

	private final Clock clock = Clock.systemUTC();

	private final DemoServer server;

	private final StockApi stock;

	ExpireController(DemoServer server, StockApi stock) {
		this.server = server;
		this.stock = stock;
	}

	@PostMapping("/user/expire")
	void expireUserToken(Principal user) {
		this.server.expire("demo-web", user.getName(), CUT_TO);
	}

	@PostMapping("/service/expire")
	void expireServiceToken() {
		this.server.expire("demo-service", "demo-service", CUT_TO);
	}

	@PostMapping("/stock/expire")
	void expireStockToken(Authentication user) {
		this.stock.endToken(user, this.clock.instant().plus(CUT_TO));
		this.server.expire("demo-stock", user.getName(), CUT_TO);
	}

}
