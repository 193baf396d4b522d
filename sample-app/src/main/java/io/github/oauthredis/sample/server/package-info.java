/**
 * An authorization server with rotating refresh tokens that can cut a token short.
 */
@NullMarked
package io.github.oauthredis.sample.server;

import org.jspecify.annotations.NullMarked;
