/**
 * Short names for tokens, safe to show.
 */
@NullMarked
package io.github.oauthredis.sample.digest;

import org.jspecify.annotations.NullMarked;
