package io.github.oauthredis.client;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.core.oidc.user.OidcUser;

import io.github.oauthredis.store.SignalStore;
import io.github.oauthredis.token.Subject;

/**
 * Has it remembered by what names a provider knows who logs in, so that its messages are
 * understood. A login does not fail because of that. Thread-safe; never blocks.
 */
final class LoginSubjects {

	private static final Log logger = LogFactory.getLog(LoginSubjects.class);

	private final SignalStore signals;

	private final AtomicBoolean failing = new AtomicBoolean();

	LoginSubjects(SignalStore signals) {
		this.signals = signals;
	}

	CompletionStage<@Nullable Void> remember(String registrationId, Authentication principal) {
		if (!(principal.getPrincipal() instanceof OidcUser user)) {
			return CompletableFuture.<@Nullable Void>completedFuture(null);
		}
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
