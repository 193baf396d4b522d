/**
 * The one port to Redis: keys, scripts and the records behind them.
 */
@NullMarked
package io.github.oauthredis.store;

import org.jspecify.annotations.NullMarked;
