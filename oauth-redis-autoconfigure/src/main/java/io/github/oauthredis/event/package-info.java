/**
 * What happened to a token, told to whoever listens.
 */
@NullMarked
package io.github.oauthredis.event;

import org.jspecify.annotations.NullMarked;
