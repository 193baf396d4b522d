/**
 * Decides when a token is renewed, and renews it once for the whole fleet.
 */
@NullMarked
package io.github.oauthredis.refresh;

import org.jspecify.annotations.NullMarked;
