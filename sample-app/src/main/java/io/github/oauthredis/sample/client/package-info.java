/**
 * The client application: what a user of the starter writes.
 */
@NullMarked
package io.github.oauthredis.sample.client;

import org.jspecify.annotations.NullMarked;
