/**
 * Whether and how long to wait after failures.
 */
@NullMarked
package io.github.oauthredis.resilience;

import org.jspecify.annotations.NullMarked;
