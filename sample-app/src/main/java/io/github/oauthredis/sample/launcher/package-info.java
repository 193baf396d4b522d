/**
 * Starts Redis, the authorization server, the API and both instances, and ends them
 * together.
 */
@NullMarked
package io.github.oauthredis.sample.launcher;

import org.jspecify.annotations.NullMarked;
