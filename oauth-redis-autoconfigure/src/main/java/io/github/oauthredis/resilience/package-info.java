/**
 * Back-off arithmetic.
 */
@NullMarked
package io.github.oauthredis.resilience;

import org.jspecify.annotations.NullMarked;
