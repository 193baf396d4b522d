package io.github.oauthredis.sample.client.panel;

import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Starts a race on request.
 *
 * @author OAuth Redis
 */
@RestController
class RaceController {

	private final Race race;

	RaceController(Race race) {
		this.race = race;
	}

	@PostMapping("/user/race")
	Race.Result race() throws InterruptedException {
		return this.race.run();
	}

}
