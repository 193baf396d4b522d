package io.github.oauthredis.sample.launcher;

import java.io.IOException;

/**
 * Ends this JVM when the process that started it is gone, however it went: the launcher
 * holds the other end of this JVM's standard input and the operating system closes it.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class ParentPipe {

	private ParentPipe() {
	}

	/**
	 * Watch standard input on a daemon thread and halt at its end.
	 */
	public static void exitWhenClosed() {
		Thread thread = new Thread(ParentPipe::drainAndHalt, "parent-pipe");
		thread.setDaemon(true);
		thread.start();
	}

	private static void drainAndHalt() {
		try {
			int read;
			do {
				read = System.in.read();
			}
			while (read != -1);
		}
		catch (IOException ex) {
			// A broken pipe means the same as a closed one.
		}
		Runtime.getRuntime().halt(0);
	}

}
