package io.github.oauthredis.sample.server;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

import org.jspecify.annotations.Nullable;
import org.springframework.security.crypto.password.PasswordEncoder;

/**
 * Compares secrets as they are. Only for a demo: its secrets are written in its
 * configuration, and a slow hash would be most of the time of each call to the API, which
 * authenticates at the server to ask about a token.
 *
 * @author OAuth Redis
 */
class PlainPasswordEncoder implements PasswordEncoder {

	@Override
	public @Nullable String encode(@Nullable CharSequence rawPassword) {
		return (rawPassword != null) ? rawPassword.toString() : null;
	}

	@Override
	public boolean matches(@Nullable CharSequence rawPassword, @Nullable String encodedPassword) {
		return rawPassword != null && encodedPassword != null
				&& MessageDigest.isEqual(rawPassword.toString().getBytes(StandardCharsets.UTF_8),
						encodedPassword.getBytes(StandardCharsets.UTF_8));
	}

}
