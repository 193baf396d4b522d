package io.github.oauthredis.sample.client.panel;

import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

import io.github.oauthredis.sample.client.DemoApi;
import io.github.oauthredis.sample.client.stock.StockApi;

/**
 * Starts a race on request: with the starter, or with Spring Security alone.
 *
 * @author OAuth Redis
 */
@RestController
class RaceController {

	private final Race race;

	private final DemoApi api;

	private final StockApi stock;

	RaceController(Race race, DemoApi api, StockApi stock) {
		this.race = race;
		this.api = api;
		this.stock = stock;
	}

	@PostMapping("/user/race")
	Race.Result race() throws InterruptedException {
		return this.race.run("demo-web", this.api::asUser);
	}

	@PostMapping("/stock/race")
	Race.Result stockRace() throws InterruptedException {
		return this.race.run("demo-stock", this.stock::asUser);
	}

}
