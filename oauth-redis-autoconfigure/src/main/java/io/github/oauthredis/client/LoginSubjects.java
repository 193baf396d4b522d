package io.github.oauthredis.client;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.core.oidc.IdTokenClaimNames;
import org.springframework.security.oauth2.core.oidc.OidcIdToken;
import org.springframework.security.oauth2.core.oidc.user.OidcUser;

import io.github.oauthredis.store.SignalStore;
import io.github.oauthredis.token.Subject;

/**
 * Has it remembered by what names a provider knows who logs in, so that its messages are
 * understood. Whoever logged in elsewhere and only connects an account is not known by
 * these names there. A login does not fail because of that. Thread-safe; never blocks.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class LoginSubjects {

	private static final Log logger = LogFactory.getLog(LoginSubjects.class);

	private final SignalStore signals;

	private final Function<String, @Nullable String> issuers;

	private final AtomicBoolean failing = new AtomicBoolean();

	/**
	 * Create a memory of logins.
	 * @param signals what instances share
	 * @param issuers issuer of a registration by its id; null for the one that the
	 * registration says
	 */
	public LoginSubjects(SignalStore signals, Function<String, @Nullable String> issuers) {
		this.signals = signals;
		this.issuers = issuers;
	}

	CompletionStage<@Nullable Void> remember(ClientRegistration registration, Authentication principal) {
		if (!(principal.getPrincipal() instanceof OidcUser user) || !isFrom(registration, user.getIdToken())) {
			return CompletableFuture.<@Nullable Void>completedFuture(null);
		}
		String registrationId = registration.getRegistrationId();
		return this.signals.remember(registrationId, subjects(user), principal.getName()).handle((done, ex) -> {
			if (ex == null) {
				this.failing.set(false);
			}
			else if (this.failing.compareAndSet(false, true)) {
				logger.warn(("Logins at registration '%s' are not remembered, so that a message of the provider may "
						+ "not be understood which names them otherwise than the application does")
					.formatted(registrationId), ex);
			}
			return null;
		});
	}

	/**
	 * Whether the user logged in through this registration.
	 */
	private boolean isFrom(ClientRegistration registration, OidcIdToken token) {
		String configured = this.issuers.apply(registration.getRegistrationId());
		String issuer = (configured != null) ? configured : registration.getProviderDetails().getIssuerUri();
		List<String> audience = token.getAudience();
		return issuer != null && issuer.equals(token.getClaimAsString(IdTokenClaimNames.ISS)) && audience != null
				&& audience.contains(registration.getClientId());
	}

	private static List<Subject> subjects(OidcUser user) {
		List<Subject> subjects = new ArrayList<>();
		subjects.add(new Subject(Subject.SUB, String.valueOf(user.getSubject())));
		String session = user.getIdToken().getClaimAsString(Subject.SID);
		if (session != null) {
			subjects.add(new Subject(Subject.SID, session));
		}
		if (user.getEmail() != null && Boolean.TRUE.equals(user.getEmailVerified())) {
			subjects.add(new Subject(Subject.EMAIL, user.getEmail().toLowerCase(Locale.ROOT)));
		}
		return subjects;
	}

}
