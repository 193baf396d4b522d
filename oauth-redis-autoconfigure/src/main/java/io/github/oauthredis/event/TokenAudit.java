package io.github.oauthredis.event;

/**
 * Keeps what {@link TokenEvent}s tell. Every bean of this type hears each event, one
 * after another on a thread of their own, before it becomes an application event. A
 * failure is logged and harms nobody else.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
@FunctionalInterface
public interface TokenAudit {

	/**
	 * Keep one fact.
	 * @param event the fact
	 * @param instance name of the instance that tells it, another one after each start
	 */
	void record(TokenEvent event, String instance);

}
