package io.github.oauthredis.autoconfigure;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import org.slf4j.LoggerFactory;

/**
 * What the package under test logs from INFO upwards, as level and message.
 */
final class Logged extends AppenderBase<ILoggingEvent> implements AutoCloseable {

	private final Logger logger = (Logger) LoggerFactory.getLogger(Logged.class.getPackageName());

	private final List<String> lines = new CopyOnWriteArrayList<>();

	private Logged() {
	}

	static Logged open() {
		Logged logged = new Logged();
		logged.setContext(logged.logger.getLoggerContext());
		logged.attach();
		return logged;
	}

	private void attach() {
		super.start();
		this.logger.setLevel(Level.INFO);
		this.logger.addAppender(this);
	}

	List<String> lines() {
		return this.lines;
	}

	List<String> warnings() {
		return this.lines.stream().filter((line) -> line.startsWith("WARN ")).toList();
	}

	@Override
	protected void append(ILoggingEvent event) {
		this.lines.add(event.getLevel() + " " + event.getFormattedMessage());
	}

	@Override
	public void close() {
		this.logger.detachAppender(this);
		this.logger.setLevel(null);
	}

}
