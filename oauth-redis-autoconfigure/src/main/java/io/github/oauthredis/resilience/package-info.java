/**
 * Arithmetic of waiting after failures.
 */
@NullMarked
package io.github.oauthredis.resilience;

import org.jspecify.annotations.NullMarked;
