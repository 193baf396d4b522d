package io.github.oauthredis.sample.client.stock;

import java.net.URI;

import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Where the browser arrives after the stock login: leads it back to the page, which then
 * starts the race.
 *
 * @author OAuth Redis
 */
@RestController
class StockLoginController {

	@GetMapping("/stock/authorized")
	ResponseEntity<Void> authorized() {
		return ResponseEntity.status(HttpStatus.FOUND).location(URI.create("/#stock")).build();
	}

}
