package io.github.oauthredis.sample.client.panel;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

import io.github.oauthredis.event.TokenEvent;

/**
 * A token event and the instance in which it happened.
 *
 * @param time when it was heard
 * @param instance name of the instance
 * @param type what happened
 * @param registration registration whose token it is about; null for all
 * @param generation generation of the record
 * @param detail more about it, or null
 * @author OAuth Redis
 */
record InstanceEvent(Instant time, String instance, TokenEvent.Type type, @Nullable String registration,
		long generation, @Nullable String detail) {

}
