package io.github.oauthredis.sample;

import java.util.Arrays;

import io.github.oauthredis.sample.client.ClientApplication;
import io.github.oauthredis.sample.launcher.ClientProcess;
import io.github.oauthredis.sample.launcher.ParentPipe;
import io.github.oauthredis.sample.launcher.Sample;
import io.github.oauthredis.sample.launcher.SampleStartException;

/**
 * Starts the whole sample: Redis, an authorization server, a protected API and two
 * instances of the client application, each in a JVM of its own. The same class is the
 * main class of those two JVMs, so that the sample also runs from one executable jar.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class SampleApplication {

	private SampleApplication() {
	}

	public static void main(String[] args) {
		if (args.length > 0 && args[0].equals(ClientProcess.ROLE)) {
			ParentPipe.exitWhenClosed();
			ClientApplication.main(Arrays.copyOfRange(args, 1, args.length));
			return;
		}
		try {
			Sample sample = Sample.start(args);
			System.out.println(sample.describe());
		}
		catch (SampleStartException ex) {
			System.err.println();
			System.err.println("The sample did not start: " + ex.getMessage());
			System.err.println();
			System.exit(1);
		}
	}

}
