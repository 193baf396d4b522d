package io.github.oauthredis.sample.client;

import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * One call to the API, as the user or as the service.
 *
 * @author OAuth Redis
 */
@RestController
class CallController {

	private final DemoApi api;

	CallController(DemoApi api) {
		this.api = api;
	}

	@PostMapping("/user/call")
	DemoApi.Answer callAsUser() {
		return this.api.asUser();
	}

	@PostMapping("/service/call")
	DemoApi.Answer callAsService() {
		return this.api.asService();
	}

}
