package io.github.oauthredis.client;

import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;

/**
 * Parameters of a token request. The HTTP client logs the body it writes, at debug level
 * and by its string form: this one shows nothing.
 */
final class TokenForm extends LinkedMultiValueMap<String, String> {

	private static final long serialVersionUID = 1L;

	TokenForm(MultiValueMap<String, String> parameters) {
		super(parameters);
	}

	@Override
	public String toString() {
		return "parameters of a token request";
	}

}
