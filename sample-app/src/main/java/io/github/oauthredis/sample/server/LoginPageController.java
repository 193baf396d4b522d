package io.github.oauthredis.sample.server;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

import org.jspecify.annotations.Nullable;
import org.springframework.core.io.ClassPathResource;
import org.springframework.http.MediaType;
import org.springframework.security.web.csrf.CsrfToken;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * The login form.
 *
 * @author OAuth Redis
 */
@RestController
class LoginPageController {

	private final String page;

	LoginPageController() throws IOException {
		this.page = new ClassPathResource("authorization-server/login.html").getContentAsString(StandardCharsets.UTF_8);
	}

	@GetMapping(path = "/login", produces = MediaType.TEXT_HTML_VALUE)
	String login(CsrfToken csrf, @RequestParam(required = false) @Nullable String error) {
		return this.page.replace("{{csrf}}", csrf.getToken())
			.replace("{{error}}", (error != null) ? "That user name and password do not match." : "");
	}

}
