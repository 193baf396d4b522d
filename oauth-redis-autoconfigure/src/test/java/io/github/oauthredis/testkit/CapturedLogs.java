package io.github.oauthredis.testkit;

import java.io.PrintWriter;
import java.io.StringWriter;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.LoggerContextListener;
import ch.qos.logback.classic.spi.ThrowableProxy;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.AppenderBase;
import ch.qos.logback.core.spi.FilterReply;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;
import org.slf4j.helpers.MessageFormatter;
import org.springframework.boot.logging.LoggingSystem;

/**
 * Everything that is logged in this JVM at any level, from creation to {@link #close()},
 * to be searched for secrets. Thread-safe.
 * <p>
 * Every logger believes that it is enabled at {@code TRACE}, whatever its level; what
 * appears on the console hardly changes. Applications that start meanwhile leave the
 * configuration of logging alone, because Spring Boot would end the capture.
 */
public final class CapturedLogs implements AutoCloseable {

	private static final String LOGGING_SYSTEM = LoggingSystem.SYSTEM_PROPERTY;

	private final StringBuilder text = new StringBuilder(); // guarded by itself

	private final LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();

	private final Listener listener = new Listener();

	private volatile Filter filter = new Filter();

	private volatile Appender appender = new Appender();

	private final @Nullable String loggingSystem = System.getProperty(LOGGING_SYSTEM);

	private CapturedLogs() {
		System.setProperty(LOGGING_SYSTEM, LoggingSystem.NONE);
		attach();
		this.context.addListener(this.listener);
	}

	/**
	 * Begin to capture.
	 * @return the logs, to be closed by the test
	 */
	public static CapturedLogs start() {
		return new CapturedLogs();
	}

	/**
	 * Return what was logged so far: level, logger, message and stack trace. A line may
	 * be there twice.
	 * @return the text
	 */
	public String text() {
		synchronized (this.text) {
			return this.text.toString();
		}
	}

	/**
	 * Forget what was logged so far.
	 */
	public void clear() {
		synchronized (this.text) {
			this.text.setLength(0);
		}
	}

	@Override
	public void close() {
		this.context.removeListener(this.listener);
		this.context.getTurboFilterList().remove(this.filter);
		root().detachAppender(this.appender);
		if (this.loggingSystem != null) {
			System.setProperty(LOGGING_SYSTEM, this.loggingSystem);
		}
		else {
			System.clearProperty(LOGGING_SYSTEM);
		}
	}

	private void attach() {
		Filter filter = new Filter();
		filter.setContext(this.context);
		filter.start();
		this.filter = filter;
		this.context.addTurboFilter(filter);
		Appender appender = new Appender();
		appender.setContext(this.context);
		appender.start();
		this.appender = appender;
		root().addAppender(appender);
	}

	private Logger root() {
		return this.context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
	}

	private void add(Level level, String logger, @Nullable String message, @Nullable Throwable failure) {
		StringWriter entry = new StringWriter();
		PrintWriter writer = new PrintWriter(entry);
		writer.println(level + " " + logger + " " + message);
		if (failure != null) {
			failure.printStackTrace(writer);
		}
		writer.flush();
		synchronized (this.text) {
			this.text.append(entry);
		}
	}

	/**
	 * Sees each call of a logger before its level counts.
	 */
	private final class Filter extends TurboFilter {

		@Override
		public FilterReply decide(Marker marker, Logger logger, Level level, @Nullable String format,
				Object @Nullable [] params, @Nullable Throwable failure) {
			if (format == null) {
				// The question whether a level is enabled, not yet a message.
				return FilterReply.ACCEPT;
			}
			String message = MessageFormatter.basicArrayFormat(format, params);
			Object last = (params != null && params.length > 0) ? params[params.length - 1] : null;
			add(level, logger.getName(), message,
					(failure == null && last instanceof Throwable thrown) ? thrown : failure);
			return FilterReply.NEUTRAL;
		}

	}

	/**
	 * Sees the events that reach no filter, those of SLF4J's fluent API.
	 */
	private final class Appender extends AppenderBase<ILoggingEvent> {

		@Override
		protected void append(ILoggingEvent event) {
			IThrowableProxy failure = event.getThrowableProxy();
			add(event.getLevel(), event.getLoggerName(), event.getFormattedMessage(),
					(failure instanceof ThrowableProxy proxy) ? proxy.getThrowable() : null);
		}

	}

	/**
	 * Attaches again after a reset.
	 */
	private final class Listener implements LoggerContextListener {

		@Override
		public boolean isResetResistant() {
			return true;
		}

		@Override
		public void onStart(LoggerContext context) {
		}

		@Override
		public void onReset(LoggerContext context) {
			attach();
		}

		@Override
		public void onStop(LoggerContext context) {
		}

		@Override
		public void onLevelChange(Logger logger, Level level) {
		}

	}

}
